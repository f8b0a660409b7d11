#include "scheduler/ahead/policy_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

std::string text_of(Overlap overlap, std::uint16_t at_once) {
  switch (overlap) {
    case Overlap::kSkip: return {};
    case Overlap::kQueueOne: return "queue-one";
    case Overlap::kQueueAll: return "queue-all";
    case Overlap::kCancelOther: return "cancel-other";
    case Overlap::kAllow: return fmt::format("allow {}", at_once);
  }
  return {};
}

std::string text_of(Coalesce coalesce, std::uint16_t cap) {
  switch (coalesce) {
    case Coalesce::kLatest: return {};
    case Coalesce::kFirst: return "first";
    case Coalesce::kAll: return fmt::format("all, at most {}", cap);
    case Coalesce::kNone: return "none";
  }
  return {};
}

std::string text_of(const LatePolicy& late) {
  if (late == LatePolicy{}) return {};
  return fmt::format("within {}, otherwise {}", format_duration(late.within),
                     late.otherwise == LatePolicy::Otherwise::kRun ? "run" : "skip");
}

std::string text_of(const RetryPolicy& retry) {
  if (retry == RetryPolicy{}) return {};
  return fmt::format("{} times, backoff {}, factor {}, max {}, jitter {}", retry.times,
                     format_duration(retry.backoff), retry.factor, format_duration(retry.longest),
                     retry.jitter);
}

std::string text_of(const AlarmPolicy& alarms) {
  std::vector<std::string> parts;
  if (alarms.must_start_by)
    parts.push_back(fmt::format("must_start_by {}", alarms.must_start_by->text()));
  if (alarms.must_finish_by)
    parts.push_back(fmt::format("must_finish_by {}", alarms.must_finish_by->text()));
  if (alarms.not_run_for > Micros{0})
    parts.push_back(fmt::format("not_run_for {}", format_duration(alarms.not_run_for)));
  if (alarms.on_failure) parts.emplace_back("on_failure");
  if (alarms.on_recovery) parts.emplace_back("on_recovery");
  for (const NotifyTarget& target : alarms.notify) {
    if (const auto* exec = std::get_if<NotifyExec>(&target))
      parts.push_back(fmt::format("exec {}", fmt::join(exec->arguments, " ")));
    else if (const auto* hook = std::get_if<NotifyWebhook>(&target))
      parts.push_back(fmt::format("webhook {}", hook->url));
    else if (const auto* mail = std::get_if<NotifyMail>(&target))
      parts.push_back(fmt::format("mail {}", fmt::join(mail->to, " ")));
    else
      parts.emplace_back(std::holds_alternative<NotifyLog>(target) ? "log" : "metric");
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string text_of(const std::vector<Predecessor>& after) {
  std::vector<std::string> parts;
  parts.reserve(after.size());
  for (const Predecessor& before : after)
    parts.push_back(before.task + (before.on == Predecessor::On::kAny ? " (any outcome)" : ""));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string text_of(const Parameters& parameters) {
  std::vector<std::string> parts;
  parts.reserve(parameters.size());
  for (const auto& [key, value] : parameters)
    parts.push_back(fmt::format("{}={}", key, value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string text_of(Micros length) {
  return length == Micros{0} ? std::string{} : format_duration(length);
}

}  // namespace

std::map<std::string, std::string> policy_texts(const TaskSpec& spec) {
  const SpecialPolicies& special = spec.special();
  return {{"name", spec.name},
          {"body", spec.body},
          {"priority", fmt::format("{}", spec.priority)},
          {"schedule", spec.schedule_text},
          {"time_zone", spec.zone},
          {"enabled", spec.enabled ? "" : "false"},
          {"parameters", text_of(spec.parameters)},
          {"overlap", text_of(spec.overlap, spec.at_once)},
          {"coalesce", text_of(spec.coalesce, spec.coalesce_cap)},
          {"late", text_of(spec.late)},
          {"not_after", special.not_after ? special.not_after->text() : ""},
          {"on_lost", spec.on_lost == OnLost::kRerun ? "rerun" : ""},
          {"timeout", text_of(spec.timeout)},
          {"timeout_grace", text_of(spec.timeout_grace)},
          {"stop_timeout", special.stop_timeout ? format_duration(*special.stop_timeout) : ""},
          {"retry", text_of(special.retry)},
          {"exclusive", fmt::format("{}", fmt::join(special.exclusive, ", "))},
          {"alarms", text_of(special.alarms)},
          {"group", spec.group},
          {"after", text_of(spec.after)}};
}

}  // namespace systask::scheduler
