#include "peers/drill/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <stdexcept>

#include "peers/flow/api.h"

namespace systask::peers::drill {
namespace {

constexpr int kTail = 15;               // lines of a log shown to a person
constexpr int kKilled = 128 + SIGKILL;  // the status of a child that was

double real_member(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

bool flag_member(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

}  // namespace

Stage::Stage(const Clock& clock, const Workplace& place, const std::vector<std::string>& sites,
             const DrillOptions& options)
    : clock_(clock),
      place_(place),
      seed_(options.seed),
      capacity_(options.plans),
      revive_(options.revive),
      flow_file_(place.path("flow.out")) {
  for (const std::string& name : sites)
    sites_.emplace_back().name = name;
}

void Stage::start_service() {
  service_ends_ = false;
  service_ = std::make_unique<Child>(std::vector<std::string>{"serve", place_.path("tasks.yaml")},
                                     place_.path("service.out"), place_.path("service.log"));
}

void Stage::start_site(SiteSlot& site) {
  ++site.processes;
  const std::string stem = fmt::format("site-{}.{}", site.name, site.processes);
  site.file = std::make_unique<LineFile>(place_.path(stem + ".trace"));
  site.trace = &traces_.emplace_back(SiteTrace{site.name, site.processes, false, {}});
  site.plans.clear();
  site.logged_in = false;
  site.digests = 0;
  site.state = SiteState::kUp;
  site.expected_down = false;
  site.back_at.reset();
  site.child = std::make_unique<Child>(
      std::vector<std::string>{"site", "--name", site.name, "--strategies", "twap,follow",
                               "--capacity", std::to_string(capacity_), "--connect",
                               place_.address(), "--secrets", place_.path("service.secrets"),
                               "--trace", site.file->path(), "--seed", std::to_string(seed_)},
      place_.path(stem + ".out"), place_.path(stem + ".log"));
}

void Stage::start_flow(const std::vector<std::string>& arguments) {
  std::vector<std::string> all{"flow",
                               "--name",
                               "flow",
                               "--run",
                               "1",
                               "--connect",
                               place_.address(),
                               "--secrets",
                               place_.path("service.secrets"),
                               "--trace",
                               place_.path("flow.trace"),
                               "--fold",
                               place_.path("flow.fold.json"),
                               "--progress",
                               "--seed",
                               std::to_string(seed_)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  flow_ = std::make_unique<Child>(all, place_.path("flow.out"), place_.path("flow.log"));
}

std::size_t Stage::record_kill(const std::string& target, const std::string& signal) {
  kills_.push_back({target, signal, flow_progress_.acked, clock_.now(), {}});
  return kills_.size() - 1;
}

void Stage::kill_site(SiteSlot& site, const std::string& signal,
                      std::optional<std::chrono::milliseconds> back) {
  site.kill = record_kill(site.name, signal);
  site.trace->disturbed = true;
  if (back) site.back_at = clock_.monotonic() + *back;
  if (signal == "STOP") {
    site.child->signal(SIGSTOP);
    site.state = SiteState::kStopped;
    return;
  }
  site.expected_down = true;
  site.state = SiteState::kDown;
  if (signal == "TERM") return site.child->signal(SIGTERM);
  site.child->kill_and_reap();
}

void Stage::bring_back(SiteSlot& site) {
  kills_[site.kill].back_at = clock_.now();
  site.back_at.reset();
  if (site.state == SiteState::kStopped) {
    site.child->signal(SIGCONT);
    site.state = SiteState::kUp;
    return;
  }
  read_site(site);  // the last words of the process before
  start_site(site);
}

void Stage::kill_service() {
  const auto kill = record_kill("service", "KILL");
  service_->kill_and_reap();
  start_service();
  kills_[kill].back_at = clock_.now();
}

void Stage::end_service() {
  service_kill_ = record_kill("service", "TERM");
  service_ends_ = true;
  service_->signal(SIGTERM);
}

bool Stage::service_ended() {
  if (service_->running()) return false;
  if (service_->status() != 0) ended_by_itself("the service, told to end,", *service_);
  kills_[service_kill_].back_at = clock_.now();
  return true;
}

void Stage::signal_flow(int number) const {
  if (flow_ != nullptr) flow_->signal(number);
}

void Stage::poll() {
  for (SiteSlot& site : sites_) {
    read_site(site);
    const bool ended = site.child == nullptr || !site.child->running();
    const bool ready = site.state == SiteState::kStopped || ended;
    if (site.back_at && ready && clock_.monotonic() >= *site.back_at) bring_back(site);
  }
  flow_file_.read_new([this](std::string_view line) { take_progress(line); });
  check_ends();
}

void Stage::read_site(SiteSlot& site) {
  if (site.file != nullptr)
    site.file->read_new([&](std::string_view line) { take_line(site, line); });
}

void Stage::take_line(SiteSlot& site, std::string_view text) {
  auto line = parse_site_line(text);
  if (!line)
    throw std::runtime_error(
        fmt::format("the trace of site {} has a line that is none of its "
                    "format: {}",
                    site.name, text));
  switch (line->kind) {
    case 'S': site.logged_in = true; break;
    case '.': ++site.digests; break;
    case 'X': site.plans.erase(line->plan); break;
    case 'R':
    case 'E':
    case 'K':
    case 'C': {
      auto& seen = seen_[line->plan];
      seen = std::max(seen, line->seq);
      site.plans.insert(line->plan);
      break;
    }
    default: break;
  }
  site.trace->lines.push_back(std::move(*line));
}

void Stage::take_progress(std::string_view line) {
  boost::system::error_code error;
  const auto value = boost::json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) return;
  const auto& object = value.get_object();
  flow_progress_ = {.sent = flow::integer_member(value, "sent"),
                    .unique = flow::integer_member(value, "unique"),
                    .acked = flow::integer_member(value, "acked"),
                    .held = flow::integer_member(value, "held"),
                    .orders = flow::integer_member(value, "orders"),
                    .idle = flag_member(object, "idle"),
                    .done = flag_member(object, "done"),
                    .seconds = real_member(object, "seconds"),
                    .rate = real_member(object, "rate")};
}

void Stage::check_ends() {
  check_service();
  for (SiteSlot& site : sites_)
    if (site.child != nullptr && !site.expected_down && !site.child->running())
      ended_by_itself("site " + site.name, *site.child);
  if (flow_ != nullptr && !flow_->running()) {
    if (flow_->status() != 0) ended_by_itself("the flow", *flow_);
    flow_file_.read_new([this](std::string_view line) { take_progress(line); });
    flow_.reset();
  }
}

void Stage::check_service() {
  if (service_ends_ || service_ == nullptr || service_->running()) return;
  if (!revive_ || service_->status() != kKilled) ended_by_itself("the service", *service_);
  const auto kill = record_kill("service", "KILL");
  start_service();
  kills_[kill].back_at = clock_.now();
}

void Stage::ended_by_itself(const std::string& who, const Child& child) const {
  throw std::runtime_error(fmt::format("{} ended with status {}; the end of its log:\n{}", who,
                                       child.status().value_or(-1),
                                       tail_of(child.err_path(), kTail)));
}

std::int64_t Stage::seen(std::int64_t plan) const {
  const auto found = seen_.find(plan);
  return found == seen_.end() ? 0 : found->second;
}

std::string Stage::logs() const {
  std::string text;
  const auto add = [&](const std::string& who, const Child* child) {
    if (child != nullptr) text += fmt::format("{}:\n{}", who, tail_of(child->err_path(), kTail));
  };
  add("service", service_.get());
  for (const SiteSlot& site : sites_)
    add("site " + site.name, site.child.get());
  add("flow", flow_.get());
  return text;
}

}  // namespace systask::peers::drill
