#include "peers/site/site.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "net/address.h"
#include "peers/site/body.h"
#include "peers/site/desk.h"
#include "peers/site/held_plan.h"
#include "peers/site/takeover.h"
#include "peers/site/trace.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

constexpr std::string_view kStart = "asset.algo.scheme_start";
constexpr std::string_view kSkip = "asset.algo.skip";
constexpr std::string_view kChange = "asset.algo.scheme_";
constexpr std::string_view kRecover = "asset.algo.recover_scheme";
constexpr std::string_view kRelease = "asset.algo.release_scheme";
constexpr std::string_view kStatus = "asset.algo.scheme_status";

}  // namespace

class Site::Impl final : public LinkHandler {
 public:
  Impl(boost::asio::io_context& io, const Clock& clock, SiteOptions options)
      : io_(io),
        clock_(clock),
        options_(std::move(options)),
        trace_(options_.trace),
        timer_(io),
        link_(io, clock, options_.link, *this),
        desk_(link_, plans_,
              {.placed = [this](HeldPlan& held, const std::string& algo_ordid,
                                std::int64_t quantity) { placed(held, algo_ordid, quantity); },
               .drop = [this](std::int64_t plan) { drop(plan); }}),
        takeover_(link_, plans_,
                  {.claimed = [this](HeldPlan& held) { claimed(held); },
                   .finished = [this](HeldPlan& held) { finished(held); },
                   .drop = [this](std::int64_t plan) { drop(plan); }}) {}

  void start() {
    running_ = true;
    link_.start();
    tick();
  }
  void stop();
  void log_out(std::function<void()> done);
  void dump_digests();
  [[nodiscard]] const Plans& plans() const { return plans_; }

 private:
  void add_to_prove(json::object& body) override;
  void on_login(const json::object& session) override;
  void on_push(const Push& push) override;
  void on_error(const Refusal& refusal, const json::object& error) override;
  void on_refused(const Refusal& refusal) override;
  void before_acks() override { trace_.flush(); }

  void keep_resumed(const json::object& session);
  void keep(HeldPlan& held, const json::object& named);
  void drop_all();
  void drop(std::int64_t plan);
  void take_line(const Push& push);
  void start_plan(const Push& push);
  void not_held(const Push& push);
  void record(const HeldPlan& held, const Push& push);
  void decide(HeldPlan& held, std::string_view topic);
  void placed(HeldPlan& held, const std::string& algo_ordid, std::int64_t quantity);
  void claimed(HeldPlan& held);
  void finished(HeldPlan& held);
  void compare(HeldPlan& held);
  void tick();
  void flush_soon();
  [[nodiscard]] bool may_act() const;

  boost::asio::io_context& io_;
  const Clock& clock_;
  const SiteOptions options_;
  Trace trace_;
  boost::asio::steady_timer timer_;
  Plans plans_;
  Link link_;
  Desk desk_;
  Takeover takeover_;
  std::int64_t session_ = 0;  // 0: none yet
  Micros fence_{};            // heard nothing for this long: do not act
  std::unordered_map<std::int64_t, std::int64_t> dropped_;  // plan: epoch it was dropped in
  bool running_ = false;
  std::shared_ptr<bool> flush_waits_ = std::make_shared<bool>(false);
};

// --- the session

void Site::Impl::add_to_prove(json::object& body) {
  json::array strategies;
  for (const std::string& strategy : options_.strategies)
    strategies.emplace_back(strategy);
  body["environment"] = options_.environment;
  body["strategies"] = std::move(strategies);
  body["capacity"] = options_.capacity;
  if (session_ == 0) return;
  json::array held_plans;
  for (const auto plan : plans_.numbers()) {
    const HeldPlan* held = plans_.find(plan);
    if (held->claimed())
      held_plans.push_back(json::object{
          {"plan", plan}, {"epoch", held->line.epoch()}, {"through", held->line.last()}});
  }
  body["resume"] = json::object{{"session", session_}, {"plans", std::move(held_plans)}};
}

void Site::Impl::on_login(const json::object& session) {
  const bool resumed = flag_at(session, "resumed");
  session_ = integer_at(session, "session");
  const auto beat_ms = integer_at(session, "heartbeat_ms");
  const auto timeout_ms = integer_at(session, "site_timeout_ms");
  fence_ = std::chrono::milliseconds{std::max<std::int64_t>(timeout_ms - beat_ms, 0)};
  trace_.line('S', {session_, std::int64_t{resumed}});
  if (resumed) {
    keep_resumed(session);
  } else {
    drop_all();
    dropped_.clear();
  }
  log::info("logged in", {{"site", options_.link.name},
                          {"session", session_},
                          {"resumed", std::int64_t{resumed}},
                          {"plans", plans_.size()}});
  flush_soon();
  takeover_.retry();
}

// What the platform does not name was taken. Rebuilds without a claim are not named: the
// next step of each says whether it may go on.
void Site::Impl::keep_resumed(const json::object& session) {
  std::unordered_map<std::int64_t, const json::object*> named;
  for (const auto& row : array_at(session, "plans"))
    if (row.is_object()) named[integer_at(row.get_object(), "plan")] = &row.get_object();
  for (const auto plan : plans_.numbers()) {
    HeldPlan& held = *plans_.find(plan);
    const auto found = named.find(plan);
    const bool same =
        found != named.end() && integer_at(*found->second, "epoch") == held.line.epoch();
    if (same && held.claimed()) {
      keep(held, *found->second);
    } else if (held.claimed() && !held.state.ended()) {
      drop(plan);
    }
  }
}

void Site::Impl::keep(HeldPlan& held, const json::object& named) {
  const std::string status = text_at(named, "status");
  if (status.empty() || status == "h" || flag_at(named, "claimed")) return;
  if (!held.running()) {  // it was finished; only the answer was lost
    held.phase = Phase::kRunning;
    held.state.set_status(status.front());
    finished(held);
  } else if (request_of(status.front()).empty() && !request_of(held.state.status()).empty()) {
    held.state.set_status(status.front());  // it was done; only the answer was lost
  }
}

void Site::Impl::drop_all() {
  for (const auto plan : plans_.numbers())
    drop(plan);
}

void Site::Impl::drop(std::int64_t plan) {
  const HeldPlan* held = plans_.find(plan);
  if (held == nullptr) return;
  if (held->claimed()) trace_.line('X', {plan, held->line.epoch()});
  dropped_[plan] = held->line.epoch();
  plans_.erase(plan);
  flush_soon();
}

void Site::Impl::on_error(const Refusal& refusal, const json::object& error) {
  log::info("the platform objects", {{"code", refusal.code}, {"reason", refusal.message}});
  const auto plan = integer_at(error, "plan");
  const HeldPlan* held = plans_.find(plan);
  if (refusal.code == "STALE_EPOCH" && held != nullptr && held->claimed() &&
      integer_at(error, "epoch") == held->line.epoch())
    drop(plan);
}

void Site::Impl::on_refused(const Refusal& refusal) {
  log::error(refusal.code == "REPLACED" ? "replaced: this site stops" : "login refused",
             {{"site", options_.link.name},
              {"platform", net::text_of(options_.link.address)},
              {"reason", refusal.message}});
  stop();
  if (options_.on_refused) options_.on_refused(refusal);
}

// --- pushes

void Site::Impl::on_push(const Push& push) {
  if (push.seq != 0) return take_line(push);
  if (push.topic == kRecover) return takeover_.offered(push.plan, push.epoch, push.body);
  HeldPlan* held = plans_.find(push.plan);
  if (held == nullptr || (push.epoch != 0 && push.epoch < held->line.epoch())) return;
  if (push.topic == kRelease) return drop(push.plan);
  const std::string status = push.topic == kStatus ? text_at(push.body, "status") : "";
  if (!status.empty()) held->state.set_status(status.front());
}

void Site::Impl::take_line(const Push& push) {
  HeldPlan* held = plans_.find(push.plan);
  const bool ours = held != nullptr && held->claimed();
  if (push.topic == kStart && (!ours || push.epoch > held->line.epoch())) return start_plan(push);
  if (!ours) return not_held(push);
  switch (held->line.judge(push.epoch, push.seq)) {
    case Line::Verdict::kRepeat: return;
    case Line::Verdict::kBroken:
      log::warn("a plan's line has a hole, or an epoch that is not held; resuming",
                {{"plan", push.plan},
                 {"epoch", push.epoch},
                 {"seq", push.seq},
                 {"last", held->line.last()},
                 {"held_epoch", held->line.epoch()}});
      return link_.reconnect("a plan's line is broken");
    case Line::Verdict::kNext: break;
  }
  held->line.advance();
  record(*held, push);
  if (push.topic != kSkip) held->state.apply(push.topic, push.body);
  link_.ack(push.plan, push.epoch, push.seq);
  if (held->running()) decide(*held, push.topic);
}

void Site::Impl::record(const HeldPlan& held, const Push& push) {
  const std::int64_t epoch = held.line.epoch();
  if (push.topic == kSkip) return trace_.line('K', {push.plan, epoch, push.seq});
  if (push.topic.starts_with(kChange))
    return trace_.line('C', {push.plan, epoch, push.seq, push.topic});
  const std::string id = text_at(push.body, "message_id");
  trace_.line('E', {push.plan, epoch, push.seq, push.topic, id.empty() ? "-" : id});
}

// scheme_start carries the whole plan, so its line may begin there.
void Site::Impl::start_plan(const Push& push) {
  if (const auto found = dropped_.find(push.plan);
      found != dropped_.end() && found->second >= push.epoch)
    return;
  auto state = PlanState::from_plan(push.body);
  if (!state)
    return log::error("a plan cannot be started",
                      {{"plan", push.plan}, {"reason", state.error().message}});
  auto strategy = make_strategy(state->strategy());
  if (strategy == nullptr)
    return log::error("a plan of an unknown strategy was pushed", {{"plan", push.plan}});
  drop(push.plan);
  HeldPlan& held = plans_.add(push.plan);
  held.line = Line{push.epoch, push.seq};
  held.state = std::move(*state);
  if (held.state.status() == '0') held.state.set_status('1');
  held.strategy = std::move(strategy);
  record(held, push);
  link_.ack(push.plan, push.epoch, push.seq);
  decide(held, push.topic);
}

void Site::Impl::not_held(const Push& push) {
  const auto found = dropped_.find(push.plan);
  const bool was_on_its_way = found != dropped_.end() && found->second >= push.epoch;
  if (was_on_its_way || plans_.find(push.plan) != nullptr) return;
  log::warn("a push of a plan that is not held; resuming",
            {{"plan", push.plan}, {"epoch", push.epoch}, {"seq", push.seq}});
  link_.reconnect("a push of a plan that is not held");
}

// --- acting

bool Site::Impl::may_act() const {
  return link_.logged_in() &&
         (fence_ <= Micros::zero() || clock_.monotonic() - link_.last_heard() < fence_);
}

// An empty topic is the timer's. A fenced site does not even ask the strategy: what it
// decides must not be lost, and the next tick asks again.
void Site::Impl::decide(HeldPlan& held, std::string_view topic) {
  if (!may_act()) return;
  std::vector<Place> unanswered;
  unanswered.reserve(held.placements.size());
  for (const auto& [algo_ordid, placement] : held.placements)
    unanswered.push_back(placement.order);
  const PlanView view{held.state, unanswered};
  const TimePoint now = clock_.now();
  desk_.act(held, topic.empty() ? held.strategy->on_timer(view, now)
                                : held.strategy->on_event(view, topic, now));
}

void Site::Impl::placed(HeldPlan& held, const std::string& algo_ordid, std::int64_t quantity) {
  trace_.line('O', {held.id, held.line.epoch(), algo_ordid, quantity});
  flush_soon();
}

void Site::Impl::claimed(HeldPlan& held) {
  trace_.line('R', {held.id, held.line.epoch(), held.snapshot, held.skipped});
  flush_soon();
}

void Site::Impl::finished(HeldPlan& held) {
  trace_.line('F', {held.id, held.line.epoch(), held.line.last(),
                    std::string_view{std::string(1, held.state.status())}});
  flush_soon();
  decide(held, {});
}

void Site::Impl::tick() {
  timer_.expires_after(options_.tick);
  // A tick that was due when the site went away still comes, to nobody.
  timer_.async_wait(
      [this, alive = std::weak_ptr<bool>{flush_waits_}](boost::system::error_code error) {
        if (error || alive.expired() || !running_) return;
        tick();
        if (!may_act()) return;
        takeover_.retry();
        for (const auto plan : plans_.numbers()) {
          if (HeldPlan* held = plans_.find(plan); held != nullptr && held->running()) {
            desk_.retry(*held);
            decide(*held, {});
          }
        }
      });
}

// --- the record, and the end

// Lines that no acknowledgement waits for are written at the end of this turn of the loop.
void Site::Impl::flush_soon() {
  if (std::exchange(*flush_waits_, true)) return;
  boost::asio::post(io_, [this, waits = std::weak_ptr<bool>{flush_waits_}] {
    const auto alive = waits.lock();
    if (!alive) return;
    *alive = false;
    trace_.flush();
  });
}

void Site::Impl::dump_digests() {
  for (const auto plan : plans_.numbers()) {
    HeldPlan& held = *plans_.find(plan);
    if (!held.claimed()) continue;
    trace_.line('D', {plan, held.line.epoch(), held.line.last(), digest_of(held.state)});
    if (may_act()) compare(held);
  }
  trace_.line('.', {"end"});
  trace_.flush();
}

void Site::Impl::compare(HeldPlan& held) {
  link_.request({"plan_state", held.id, held.line.epoch()},
                [this, plan = held.id, serial = held.serial](const Answer& answer) {
                  const HeldPlan* asked = plans_.find(plan, serial);
                  if (!answer || asked == nullptr) return;
                  const bool same_point = integer_at(**answer, "last") == asked->line.last();
                  const std::string theirs = text_at(**answer, "digest");
                  const std::string ours = digest_of(asked->state);
                  if (same_point && theirs != ours)
                    log::error("the platform sees this plan otherwise",
                               {{"plan", plan},
                                {"last", asked->line.last()},
                                {"digest", ours},
                                {"platform_digest", theirs}});
                });
}

void Site::Impl::log_out(std::function<void()> done) {
  running_ = false;
  timer_.cancel();
  link_.flush_acks();
  link_.request({"logout"}, [this, done = std::move(done)](const Answer&) {
    // Not from within the link's own call.
    boost::asio::post(io_, [this, done] {
      stop();
      done();
    });
  });
}

void Site::Impl::stop() {
  running_ = false;
  timer_.cancel();
  link_.stop();
  trace_.flush();
}

Site::Site(boost::asio::io_context& io, const Clock& clock, SiteOptions options)
    : impl_(std::make_unique<Impl>(io, clock, std::move(options))) {}
Site::~Site() { impl_->stop(); }

void Site::start() { impl_->start(); }
void Site::stop() { impl_->stop(); }
void Site::log_out(std::function<void()> done) { impl_->log_out(std::move(done)); }
void Site::dump_digests() { impl_->dump_digests(); }

std::size_t Site::plans() const {
  std::size_t count = 0;
  for (const auto plan : impl_->plans().numbers())
    if (impl_->plans().find(plan)->claimed()) ++count;
  return count;
}

std::string Site::digest(std::int64_t plan) const {
  const HeldPlan* held = impl_->plans().find(plan);
  return held == nullptr ? std::string{} : digest_of(held->state);
}

}  // namespace systask::peers
