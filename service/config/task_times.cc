// What becomes of occurrences that are found late, several at once, or not at all: lateness,
// coalescing, the time after which nothing starts, and alarms.
#include <fmt/format.h>

#include <array>

#include "service/config/mail_address.h"
#include "service/config/run_fields.h"
#include "service/config/task_parts.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::Coalesce;
using scheduler::SpecialPolicies;
using scheduler::TaskSpec;
using scheduler::TimeOfDay;

constexpr std::string_view kCoalesces = "latest, first, none, all or {all: N}";
constexpr std::string_view kTime = "a time of day such as \"09:25\" or \"14:57:30\"";
constexpr std::string_view kTargets =
    "log, metric, {exec: [PROGRAM, ARGUMENT...]}, {webhook: URL} or {mail: {to: ADDRESS}}, or a "
    "list "
    "of these";
constexpr std::string_view kAddress = "a mail address such as ops@example.com, or a list of them";
constexpr std::size_t kMostReceivers = 20;

class TimesReader {
 public:
  TimesReader(Fields& fields, TaskComplaints complaints, TaskSpec& spec, SpecialPolicies& special)
      : fields_(fields), complaints_(complaints), spec_(spec), special_(special) {}

  void read() {
    if (const auto late = fields_.find("late")) read_late(*late);
    read_coalesce();
    read_time(fields_, "not_after", special_.not_after);
    if (const auto alarms = fields_.find("alarms")) read_alarms(*alarms);
  }

 private:
  void read_late(YamlNode map) {
    Fields late{map, fields_.name_of("late"), {"within", "otherwise"}, complaints_.mistakes};
    late.duration("within", Micros{0ms}, Micros{24h * 366}, spec_.late.within);
    late.choice("otherwise",
                {{"skip", scheduler::LatePolicy::Otherwise::kSkip},
                 {"run", scheduler::LatePolicy::Otherwise::kRun}},
                spec_.late.otherwise);
  }

  void read_coalesce() {
    const auto value = fields_.find("coalesce");
    if (value && value->kind() == YamlNode::Kind::kMap) {
      Fields all{*value, fields_.name_of("coalesce"), {"all"}, complaints_.mistakes};
      if (!all.find("all")) all.complain("all", "nothing", "how many of them are run at most");
      all.integer("all", std::uint16_t{1}, std::uint16_t{1000}, spec_.coalesce_cap);
      spec_.coalesce = Coalesce::kAll;
      return;
    }
    fields_.choice("coalesce",
                   {{"latest", Coalesce::kLatest},
                    {"first", Coalesce::kFirst},
                    {"all", Coalesce::kAll},
                    {"none", Coalesce::kNone}},
                   kCoalesces, spec_.coalesce);
  }

  void read_time(Fields& fields, std::string_view key, std::optional<TimeOfDay>& into) {
    const auto text = fields.scalar(key, kTime);
    if (!text) return;
    const auto time = wall_time_of(*text);
    const auto zone = Zone::find(spec_.zone);  // one that is not known was complained about
    if (!time) return fields.complain(key, *text, kTime);
    if (zone) into = TimeOfDay{*time, *zone};
  }

  void read_alarms(YamlNode map) {
    Fields fields{
        map,
        fields_.name_of("alarms"),
        {"must_start_by", "must_finish_by", "not_run_for", "on_failure", "on_recovery", "notify"},
        complaints_.mistakes};
    scheduler::AlarmPolicy& alarms = special_.alarms;
    read_time(fields, "must_start_by", alarms.must_start_by);
    read_time(fields, "must_finish_by", alarms.must_finish_by);
    fields.duration("not_run_for", Micros{1s}, Micros{24h * 366}, alarms.not_run_for);
    fields.flag("on_failure", alarms.on_failure);
    alarms.on_recovery = alarms.on_failure;
    fields.flag("on_recovery", alarms.on_recovery);
    const bool said = fields.find("must_start_by") || fields.find("must_finish_by") ||
                      fields.find("not_run_for") || fields.find("on_failure") ||
                      fields.find("on_recovery");
    if (!said)
      fields.complain("must_start_by", "nothing",
                      "what is to be watched: must_start_by, "
                      "must_finish_by, not_run_for, on_failure or on_recovery");
    const auto notify = fields.find("notify");
    if (!notify) {
      alarms.notify = {scheduler::NotifyLog{}, scheduler::NotifyMetric{}};
    } else if (notify->kind() == YamlNode::Kind::kList) {
      for (const YamlNode& item : notify->children())
        read_target(fields, item, alarms);
    } else {
      read_target(fields, *notify, alarms);
    }
  }

  void read_target(Fields& fields, YamlNode item, scheduler::AlarmPolicy& into) {
    if (item.text() == "log") return into.notify.emplace_back(scheduler::NotifyLog{}), void();
    if (item.text() == "metric") return into.notify.emplace_back(scheduler::NotifyMetric{}), void();
    if (item.kind() != YamlNode::Kind::kMap || item.children().empty())
      return complaints_.mistakes.add(item.place(), fields.name_of("notify"), item.described(),
                                      kTargets);
    Fields target{
        item, fields.name_of("notify"), {"exec", "webhook", "mail"}, complaints_.mistakes};
    scheduler::NotifyExec exec;
    target.texts("exec", "a program and its arguments", exec.arguments);
    if (!exec.arguments.empty())
      warn_of_program(target.find("exec")->place(), target.name_of("exec"), exec.arguments.front(),
                      complaints_.warnings);
    if (!exec.arguments.empty()) into.notify.emplace_back(std::move(exec));
    if (const auto url = target.scalar("webhook", "http://HOST[:PORT]/PATH")) {
      if (url->starts_with("http://") && url->size() > 7)
        into.notify.emplace_back(scheduler::NotifyWebhook{*url});
      else
        target.complain("webhook", *url, "http://HOST[:PORT]/PATH");
    }
    if (const auto mail = target.find("mail")) read_mail(*mail, target.name_of("mail"), into);
  }

  void read_mail(YamlNode map, const std::string& path, scheduler::AlarmPolicy& into) {
    Fields fields{map, path, {"to", "from"}, complaints_.mistakes};
    scheduler::NotifyMail mail;
    fields.texts("to", kAddress, mail.to);
    fields.text("from", kAddress, mail.from);
    if (!fields.find("to")) return fields.complain("to", "nothing", kAddress);
    for (const std::string& address : mail.to)
      if (!is_mail_address(address)) return fields.complain("to", address, kAddress);
    if (mail.to.size() > kMostReceivers)
      return fields.complain("to", fmt::format("{} addresses", mail.to.size()),
                             fmt::format("{} addresses at most", kMostReceivers));
    if (!mail.from.empty() && !is_mail_address(mail.from))
      return fields.complain("from", mail.from, "a mail address such as systask@example.com");
    if (!mail.to.empty()) into.notify.emplace_back(std::move(mail));
  }

  Fields& fields_;
  TaskComplaints complaints_;
  TaskSpec& spec_;
  SpecialPolicies& special_;
};

}  // namespace

std::optional<std::chrono::seconds> wall_time_of(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  constexpr std::array kMost{23, 59, 59};
  std::chrono::seconds time{0};
  for (std::size_t part = 0; part < 3; ++part) {
    time *= 60;
    if (3 * part >= text.size()) continue;
    const std::string_view digits = text.substr(3 * part, 2);
    const auto number = whole_number_of(digits);
    if (!number || *number < 0 || *number > kMost[part] || digits[0] == '+') return std::nullopt;
    if (part > 0 && text[3 * part - 1] != ':') return std::nullopt;
    time += std::chrono::seconds{*number};
  }
  return time;
}

void read_times(Fields& fields, TaskComplaints complaints, TaskSpec& spec,
                SpecialPolicies& special) {
  TimesReader{fields, complaints, spec, special}.read();
}

}  // namespace systask::service
