// A Site's life: its connection, its plans while they run.
#include "tests/simulation/site.h"

#include <boost/json.hpp>

#include "tests/simulation/observer.h"

namespace systask::simulation {

using namespace trading;  // NOLINT: this file is made of trading's types

namespace {

constexpr Micros kGiveUp{2'500'000};  // heard nothing for so long: the connection is dead

}  // namespace

Site::Site(Parts parts, std::string name) : parts_(parts), name_(std::move(name)) {}

void Site::start() {
  if (running_) return;
  running_ = true;
  ++life_;
  session_ = {};
  plans_.clear();
  parts_.journal.say("site {} starts", name_);
  connect();
  tick();
}

void Site::kill() {
  if (!running_) return;
  parts_.journal.say("site {} is killed", name_);
  running_ = false;
  ++life_;
  if (link_) parts_.network.close_by_peer(link_);
  link_.reset();
  logged_in_ = false;
}

void Site::stop_for(Micros length) {
  if (!running_ || parts_.agenda.now() < *wakes_) return;
  parts_.journal.say("site {} is stopped for {} ms", name_, length.count() / 1000);
  *wakes_ = parts_.agenda.now() + length;
  // What it was about to say is said before it notices that time has passed.
  parts_.agenda.at(*wakes_, [this, life = life_, plans = plans_] {
    if (life == life_) say_stale_things(plans);
  });
}

void Site::cut(bool both_ways) {
  if (!link_ || !link_->peer_open) return;
  if (both_ways) {
    parts_.journal.say("the connection of site {} breaks", name_);
    return parts_.network.cut(link_);
  }
  (parts_.dice.one_in(2) ? link_->deaf_up : link_->deaf_down) = true;
  parts_.journal.say("the connection of site {} goes dead {}", name_,
                     link_->deaf_up ? "towards the service" : "towards the site");
}

void Site::drain() {
  parts_.journal.say("site {} is drained", name_);
  parts_.service.ask_here<bool>(
      [this](Platform& p, Answer<bool> a) { p.drain(name_, "operator", "test", a); }, {});
}

std::optional<LineNumber> Site::through(PlanId plan) const {
  const auto it = plans_.find(plan);
  if (!running_ || it == plans_.end() || it->second.stage != Stage::kRunning) return std::nullopt;
  return it->second.through;
}

bool Site::idle() const {
  for (const auto& [plan, held] : plans_)
    if (held.stage != Stage::kRunning || (held.asked && !held.ended)) return false;
  return running_ && logged_in_;
}

// --- connection ---

void Site::connect() {
  if (!parts_.service.up()) {
    parts_.agenda.after(Micros{parts_.dice.between(20'000, 150'000)}, [this, life = life_] {
      if (life == life_) connect();
    });
    return;
  }
  link_ = parts_.network.connect("site " + name_, wakes_);
  link_->peer_closed = [this, link = link_, life = life_] {
    if (life == life_) lost(link);
  };
  log_in();
}

void Site::log_in() {
  heard_ = parts_.agenda.now();
  LoginRequest request;
  request.name = name_;
  request.strategies = {"twap"};
  request.resume = session_;
  if (session_ != SessionId{})
    for (const auto& [plan, held] : plans_)
      if (held.stage != Stage::kReading && held.stage != Stage::kClaiming)
        request.held.push_back({plan, held.epoch, held.through});
  parts_.service.login(
      link_, request,
      [this, life = life_, link = link_](const Push& push) {
        if (life == life_ && link == link_) on_push(push);
      },
      [this, life = life_, link = link_](const Result<LoginAnswer>& answer) {
        if (life == life_ && link == link_) logged_in(answer);
      });
}

void Site::logged_in(const Result<LoginAnswer>& answer) {
  if (answer.has_error()) {
    parts_.network.close_by_peer(link_);
    return lost(link_);
  }
  heard_ = parts_.agenda.now();
  logged_in_ = true;
  session_ = answer->session;
  parts_.journal.say("site {} {} session {}", name_, answer->resumed ? "resumes" : "has",
                     session_.value());
  if (!answer->resumed) {
    const Plans before = std::exchange(plans_, {});
    if (faults_ && parts_.dice.one_in(3)) say_stale_things(before);  // it forgets to drop them
    return;
  }
  Plans kept;
  for (const LoginAnswer::Kept& now : answer->plans) {
    const auto it = plans_.find(now.plan);
    if (it == plans_.end()) continue;
    const bool won = it->second.stage == Stage::kClaiming && now.claimed &&
                     now.epoch == next_of(it->second.epoch);
    if (now.epoch == it->second.epoch || won) kept.insert(*it);
  }
  plans_ = std::move(kept);
  std::vector<PlanId> ids;
  for (const auto& [plan, held] : plans_)
    ids.push_back(plan);
  for (const PlanId plan : ids)
    go_on(plan);
}

void Site::lost(const LinkPtr& link) {
  if (link != link_ || !running_) return;
  logged_in_ = false;
  link_.reset();
  parts_.agenda.after(Micros{parts_.dice.between(5'000, faults_ ? 400'000 : 50'000)},
                      [this, life = life_] {
                        if (life == life_ && !link_) connect();
                      });
}

void Site::tick() {
  parts_.agenda.after(Micros{parts_.dice.between(40'000, 100'000)}, [this, life = life_] {
    if (life == life_) tick();
  });
  if (parts_.agenda.now() < *wakes_ || !link_) return;
  const Micros now = parts_.agenda.now();
  if (now - heard_ > kGiveUp) {
    parts_.journal.say("site {} has heard nothing for long: it connects anew", name_);
    const LinkPtr dead = link_;
    parts_.network.close_by_peer(dead);
    return lost(dead);
  }
  if (!logged_in_) return;
  if (now - beaten_ >= kHeartbeat) {
    beaten_ = now;
    parts_.service.heartbeat(link_, [this, life = life_] {
      if (life == life_) heard_ = parts_.agenda.now();
    });
  }
  for (auto& [plan, held] : plans_)
    if (held.stage == Stage::kRunning) act(plan, held);
}

bool Site::fenced() const { return parts_.agenda.now() - heard_ >= kSiteTimeout - kHeartbeat; }

Site::Held* Site::find(PlanId plan, Epoch epoch) {
  const auto it = plans_.find(plan);
  return it == plans_.end() || it->second.epoch != epoch ? nullptr : &it->second;
}

template <class T>
void Site::ask(PlanId plan, Epoch epoch,
               std::function<void(Platform&, const SiteRequest&, Answer<T>)> call, std::string what,
               std::function<void(Held&, const Result<T>&)> reply) {
  if (!link_) return;
  parts_.service.ask<T>(
      link_,
      [this, plan, epoch, what, call = std::move(call)](Platform& p, SessionId session,
                                                        Answer<T> answer) {
        parts_.observer.asked(name_, {session, plan, epoch}, what);
        call(
            p, {session, plan, epoch},
            [this, who = SiteRequest{session, plan, epoch}, what, answer](const Result<T>& result) {
              parts_.observer.judged(who, what, result.has_error() ? result.error().code : "ok");
              answer(result);
            });
      },
      {},
      [this, life = life_, link = link_, plan, epoch, careless = careless_,
       reply = std::move(reply)](const Result<T>& result) {
        if (life != life_ || link != link_ || careless) return;
        heard_ = parts_.agenda.now();
        Held* const held = find(plan, epoch);
        if (held == nullptr) return;
        if (result.has_error() &&
            (result.error().code == "STALE_EPOCH" || result.error().code == "CLAIMED"))
          return drop(plan, result.error().code);
        if (reply) reply(*held, result);
      });
}

template void Site::ask<bool>(PlanId, Epoch,
                              std::function<void(Platform&, const SiteRequest&, Answer<bool>)>,
                              std::string, std::function<void(Held&, const Result<bool>&)>);
template void Site::ask<OpenOrdersPage>(
    PlanId, Epoch, std::function<void(Platform&, const SiteRequest&, Answer<OpenOrdersPage>)>,
    std::string, std::function<void(Held&, const Result<OpenOrdersPage>&)>);
template void Site::ask<ClaimAnswer>(
    PlanId, Epoch, std::function<void(Platform&, const SiteRequest&, Answer<ClaimAnswer>)>,
    std::string, std::function<void(Held&, const Result<ClaimAnswer>&)>);
template void Site::ask<CachedAnswer>(
    PlanId, Epoch, std::function<void(Platform&, const SiteRequest&, Answer<CachedAnswer>)>,
    std::string, std::function<void(Held&, const Result<CachedAnswer>&)>);
template void Site::ask<FinishAnswer>(
    PlanId, Epoch, std::function<void(Platform&, const SiteRequest&, Answer<FinishAnswer>)>,
    std::string, std::function<void(Held&, const Result<FinishAnswer>&)>);

void Site::drop(PlanId plan, const std::string& why) {
  parts_.journal.say("site {} drops plan {}: {}", name_, plan.value(), why);
  plans_.erase(plan);
}

// --- a plan that runs ---

void Site::act(PlanId plan, Held& held) {
  if (held.acked < held.through && parts_.dice.one_in(2)) acknowledge(plan, held);
  if (held.ended || fenced()) return;
  if (held.asked) {
    const bool ready = parts_.agenda.now() - held.asked_at >= Micros{300'000};
    if (ready && parts_.dice.one_in(3)) say_done(plan, held);
    return;
  }
  if (!faults_) return;
  if (parts_.dice.one_in(12)) place(plan, held);
  if (parts_.dice.one_in(30)) cancel(plan, held);
  if (parts_.dice.one_in(40)) compare(plan, held);
}

void Site::place(PlanId plan, Held& held) {
  OrderRequest order;
  order.algo_ordid = fmt::format("{}-{}{}", held.epoch.value(), name_, ++orders_);
  order.market = trading::Market{held.market};
  order.security = held.security;
  order.side = Side::kBuy;
  order.price = PriceTicks{kPrice * 100'000'000};
  order.quantity = parts_.dice.between(1, 4) * 100;
  const int times = parts_.dice.one_in(6) ? 2 : 1;  // it may repeat itself
  for (int i = 0; i < times; ++i)
    ask<bool>(
        plan, held.epoch,
        [order](Platform& p, const SiteRequest& who, Answer<bool> a) { p.place(who, order, a); },
        "place " + order.algo_ordid,
        [order](Held& now, const Result<bool>& answer) {
          if (answer.has_value()) now.orders[order.algo_ordid] = true;
        });
}

void Site::cancel(PlanId plan, Held& held) {
  if (held.orders.empty()) return;
  auto it = held.orders.begin();
  std::advance(it, parts_.dice.below(static_cast<std::int64_t>(held.orders.size())));
  const OrderName name{it->first, {}, {}};
  ask<bool>(plan, held.epoch,
            [name](Platform& p, const SiteRequest& who, Answer<bool> a) { p.cancel(who, name, a); },
            "cancel " + name.algo_ordid, {});
}

void Site::acknowledge(PlanId plan, Held& held) {
  const LineNumber through = held.acked = held.through;
  ask<bool>(plan, held.epoch,
            [through](Platform& p, const SiteRequest& who, Answer<bool> a) {
              p.acknowledge(who, through, a);
            },
            "ack", {});
}

void Site::say_done(PlanId plan, Held& held) {
  const PlanRequest request = *held.asked;
  held.asked_at = parts_.agenda.now();  // asked again where no answer comes
  ask<PlanStatus>(
      plan, held.epoch,
      [request](Platform& p, const SiteRequest& who, Answer<PlanStatus> a) {
        p.plan_done(who, request, a);
      },
      fmt::format("done {}", trading::name_of(request)),
      [request](Held& now, const Result<PlanStatus>& answer) {
        // PLAN_NOT_RUNNING: something else was asked meanwhile, or it has ended.
        if (now.asked == request &&
            (answer.has_value() || answer.error().code == "PLAN_NOT_RUNNING"))
          now.asked.reset();
        if (answer.has_value() && ended(*answer)) now.ended = true;
      });
}

// On one connection answers and events are in order: what it says is what the site has.
void Site::compare(PlanId plan, const Held& held) {
  ask<PlanView>(
      plan, held.epoch,
      [](Platform& p, const SiteRequest& who, Answer<PlanView> a) { p.plan_state(who, a); },
      "plan_state",
      [this, plan](Held& now, const Result<PlanView>& answer) {
        if (answer.has_value() && !answer->abnormal && now.stage == Stage::kRunning &&
            answer->applied != now.through)
          parts_.journal.breach("R3", "site {} has plan {} through {}, the platform says {}", name_,
                                plan.value(), now.through.value(), answer->applied.value());
      });
}

void Site::on_push(const Push& push) {
  heard_ = parts_.agenda.now();
  if (push.topic == "asset.algo.recover_scheme") return asked_to_rebuild(push);
  if (push.topic == "asset.algo.release_scheme") {
    if (find(push.plan, push.epoch) != nullptr) drop(push.plan, "released");
    return;
  }
  if (push.topic == "asset.algo.scheme_status") {
    if (Held* const held = find(push.plan, push.epoch)) held->ended = true;
    return;
  }
  on_event(push);
}

void Site::on_event(const Push& push) {
  if (push.topic == "asset.algo.scheme_start" && !plans_.contains(push.plan)) {
    Held held;
    held.epoch = push.epoch;
    held.through = LineNumber{push.line.value() - 1};
    const auto plan = boost::json::parse(push.body).as_object();
    const auto& detail = plan.at("details").as_array().front().as_object();
    held.security = std::string{detail.at("stock_code").as_string()};
    held.market = static_cast<int>(detail.at("market_no").as_int64());
    plans_[push.plan] = held;
  }
  Held* const held = find(push.plan, push.epoch);
  if (held == nullptr || push.line <= held->through) return;  // not its own, or a repeat
  if (push.line != next_of(held->through)) {
    parts_.journal.breach("R3", "site {} got number {} of plan {} (epoch {}) after {}", name_,
                          push.line.value(), push.plan.value(), push.epoch.value(),
                          held->through.value());
    return;
  }
  held->through = push.line;
  parts_.journal.say("site {} has number {} of plan {}: {}", name_, push.line.value(),
                     push.plan.value(), push.topic);
  const std::string_view topic = push.topic;
  constexpr std::string_view kChange = "asset.algo.scheme_";
  if (!topic.starts_with(kChange)) return;
  const auto request = plan_request(topic.substr(kChange.size()));
  if (!request || *request == PlanRequest::kModify) return;
  held->asked = request;
  held->asked_at = parts_.agenda.now();
}

}  // namespace systask::simulation
