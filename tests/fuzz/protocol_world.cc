#include "tests/fuzz/protocol_world.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "trading/line.h"
#include "trading/unpack.h"

namespace systask::fuzz {

using namespace trading;  // NOLINT: this file is made of trading's types

namespace {

constexpr Micros kSecond{1'000'000};

PlatformOptions options_of_fuzzer() {
  PlatformOptions options;
  options.own_thread = false;
  options.park_most = 8;
  options.in_flight = 8;
  options.offer = 2;
  return options;
}

std::string extreme(std::uint8_t which) {
  switch (which % 5) {
    case 0: return "9223372036854775807";
    case 1: return "-9223372036854775808";
    case 2: return "92233720368.54775807";
    case 3: return "0";
    default: return "-1";
  }
}

}  // namespace

void WatchingOutlet::push(Push push) {
  auto& newest = epochs[push.plan];
  newest = std::max(newest, push.epoch);
  if (push.line == LineNumber{}) return;
  const Holding holding{push.plan, push.epoch};
  const auto [holder, first] = holders_.try_emplace(holding, push.session);
  CHECK(first || holder->second == push.session, "an epoch has two holders");
  const auto [at, fresh] = reached_.try_emplace({push.session, holding}, push.line);
  CHECK(fresh || push.line <= next_of(at->second), "a hole in a plan's line");
  at->second = push.line;
}

void WatchingOutlet::resumed(SessionId session) {
  std::erase_if(reached_, [&](const auto& entry) { return entry.first.first == session; });
}

ProtocolWorld::ProtocolWorld(std::span<const std::uint8_t> bytes)
    : bytes_(bytes), clock_(from_rfc3339("2026-05-22T10:00:00+08:00").value()) {
  restart();
}

std::uint8_t ProtocolWorld::byte() {
  if (bytes_.empty()) return 0;
  const auto first = bytes_.front();
  bytes_ = bytes_.subspan(1);
  return first;
}

std::int64_t ProtocolWorld::number() {
  const auto first = byte();
  if (first < 0xF0) return first % 24;
  std::uint64_t value = first;
  for (int i = 0; i < 7; ++i)
    value = value << 8U | byte();
  return static_cast<std::int64_t>(value);
}

template <class T>
Answer<T> ProtocolWorld::expect() {
  ++open_;
  return [this, answered = std::make_shared<bool>(false)](const Result<T>& result) {
    CHECK(!std::exchange(*answered, true), "a request has two answers");
    CHECK(result.has_value() || !result.error().code.empty(), "a refusal without its code");
    --open_;
  };
}

SiteRequest ProtocolWorld::who() {
  const auto site = sites_.find(below(3));
  const PlanId about = plan();
  const auto how = below(8);
  const auto newest = outlet_.epochs.find(about);
  const std::int64_t known = newest == outlet_.epochs.end() ? 1 : newest->second.value();
  const auto session = site == sites_.end() ? SessionId{1} : site->second.session;
  return {session, about, Epoch{how < 6 ? known : how == 6 ? known - 1 : number()}};
}

bool ProtocolWorld::step() {
  if (bytes_.empty()) return false;
  const auto which = below(32);
  if (which < 2)
    log_in();
  else if (which < 4)
    create();
  else if (which < 9)
    report();
  else if (which < 15)
    of_a_site(which);
  else if (which < 22)
    of_recovery(which);
  else if (which < 26)
    of_others(which);
  else if (which < 28)
    pass_time();
  else
    of_tasks(which);
  settle();
  check();
  return true;
}

void ProtocolWorld::log_in() {
  const auto which = below(3);
  Site& site = sites_[which];
  LoginRequest request;
  request.name = std::string(1, static_cast<char>('A' + which));
  request.strategies = {"twap"};
  request.capacity = 1 + below(4);
  if (below(2) == 1) {
    request.resume = site.session;
    outlet_.resumed(site.session);
    const PlanId held = plan();
    request.held.push_back({held, outlet_.epochs[held], LineNumber{number()}});
  }
  ++open_;
  platform_->login(std::move(request), [this, which](const Result<LoginAnswer>& answer) {
    --open_;
    if (answer.has_value()) sites_[which] = {answer->session, false};
  });
}

void ProtocolWorld::create() {
  NewPlan plan;
  plan.name = "fuzz";
  plan.strategy = below(8) == 0 ? "none" : "twap";
  plan.parameters = {{"price", "10"}};
  plan.details = {{Market{1}, "600570", Side::kBuy, below(4) * 10, 0, 0, AmountTicks{}}};
  if (below(4) == 0) plan.message_id = fmt::format("new-{}", below(2));
  platform_->create(std::move(plan), expect<CreatedPlan>());
}

void ProtocolWorld::report() {
  const auto all = functions();
  const Function& function = all[byte() % all.size()];
  const auto shape = byte();
  std::string body = fmt::format(
      R"({{"function_no":{},"business_date":{},"market_no":1,"entrust_no":"{}")"
      R"(,"stock_code":"600570")"
      R"(,"entrust_direction":{},"entrust_price":"10","entrust_amount":"{}")",
      function.number, (shape & 1U) != 0 ? 20260522 + below(3) - 1 : 20260522, below(6),
      1 + below(2), (shape & 2U) != 0 ? extreme(byte()) : fmt::format("{}", 1 + below(30)));
  if ((shape & 4U) != 0) body += fmt::format(R"(,"scheme_id":{})", plan().value());
  if ((shape & 8U) != 0) body += fmt::format(R"(,"algo_ordid":"1-{}")", below(4));
  if ((shape & 16U) != 0) body += fmt::format(R"(,"message_id":"m{}")", below(16));
  if (function.kind == Kind::kFilled)
    body += fmt::format(R"(,"deal_no":"d{}","deal_price":"{}","deal_amount":"{}")", below(8),
                        (shape & 32U) != 0 ? extreme(byte()) : "10",
                        (shape & 64U) != 0 ? extreme(byte()) : fmt::format("{}", 1 + below(8)));
  if (function.kind == Kind::kCancelled && (shape & 32U) != 0)
    body += fmt::format(R"(,"cancel_amount":"{}")",
                        (shape & 64U) != 0 ? extreme(byte()) : fmt::format("{}", below(8)));
  if (function.kind == Kind::kCombinedPlaced || function.kind == Kind::kCombinedCancelled) {
    body +=
        fmt::format(R"(,"buy_entrust_no":"{}","sell_entrust_no":"{}","buy_entrust_amount":"{}")"
                    R"(,"sell_entrust_amount":"{}")",
                    below(6), below(6), (shape & 64U) != 0 ? extreme(byte()) : "5", 1 + below(6));
    if ((shape & 32U) != 0)
      body +=
          fmt::format(R"(,"buy_cancel_amount":"{}")", (shape & 128U) != 0 ? extreme(byte()) : "2");
  }
  take(function.topic_in, body + "}");
}

void ProtocolWorld::take(std::string_view topic, const std::string& body) {
  ++open_;
  platform_->take(
      topic, body, [this] { --open_; }, [this](const std::string&) { --open_; });
}

void ProtocolWorld::of_a_site(std::uint8_t which) {
  const SiteRequest asked = who();
  const std::string algo = fmt::format("{}-{}", asked.epoch.value(), below(4));
  switch (which) {
    case 9:
    case 10: {
      const auto shape = below(8);
      return platform_->place(asked,
                              {algo, Market{1}, "600570", shape < 6 ? Side::kBuy : Side::kSell,
                               PriceTicks{shape == 7 ? number() : 1'000'000'000},
                               shape == 6 ? number() : 1 + below(20)},
                              expect<bool>());
    }
    case 11:
      return platform_->cancel(asked,
                               {below(2) == 0 ? algo : "", Market{1}, fmt::format("{}", below(6))},
                               expect<bool>());
    case 12:
      return platform_->plan_done(asked, static_cast<PlanRequest>(below(6)), expect<PlanStatus>());
    case 13:
      ++open_;  // an acknowledgement is answered only where it is refused
      platform_->acknowledge(asked, LineNumber{number()}, [](const Result<bool>&) {});
      --open_;
      return;
    default:
      if (below(4) == 0) return platform_->plan_failed(asked, "fuzz", expect<PlanStatus>());
      return platform_->plan_state(asked, expect<PlanView>());
  }
}

void ProtocolWorld::of_recovery(std::uint8_t which) {
  const SiteRequest asked = who();
  const PlanId about = asked.plan;
  const auto& plans = stores_.tables().plans;
  const auto row = plans.find(about);
  const auto applied =
      row == plans.end() || below(4) == 0 ? LineNumber{number()} : row->second.applied;
  switch (which) {
    case 15:
      return platform_->open_orders(asked, OrderId{number()}, 1 + below(3),
                                    expect<OpenOrdersPage>());
    case 16:
    case 17: return platform_->claim(asked, applied, expect<ClaimAnswer>());
    case 18:
    case 19: return platform_->cached(asked, 1 + below(4), expect<CachedAnswer>());
    case 20:
      return platform_->finish(asked, applied, expect<FinishAnswer>(), below(4) == 0 ? "0123" : "");
    default: return platform_->recover_failed(asked, "fuzz", expect<bool>());
  }
}

void ProtocolWorld::of_others(std::uint8_t which) {
  switch (which) {
    case 22:
      return platform_->change(plan(), static_cast<PlanRequest>(below(6)),
                               {{"price", fmt::format("{}", below(9))}}, "fuzz",
                               expect<LineNumber>());
    case 23: return decide();
    case 24: {
      const PlanId about = plan();
      const std::string to(1, static_cast<char>('A' + below(4)));
      if (below(3) == 0) return platform_->drain(to, "fuzz", "fuzz", expect<bool>());
      if (below(3) == 0) return platform_->explain(about, expect<Explained>());
      return platform_->move(about, to, "fuzz", "fuzz", expect<bool>());
    }
    default: {
      const auto site = sites_.find(below(3));
      if (site == sites_.end()) return;
      const auto what = below(3);
      if (what == 0) return platform_->disconnected(site->second.session);
      if (what == 1) return platform_->logout(site->second.session, expect<bool>());
      site->second.silent = !site->second.silent;
    }
  }
}

void ProtocolWorld::decide() {
  if (below(6) == 0) return platform_->release(plan(), "fuzz", "fuzz", expect<bool>());
  Decision decision;
  decision.actor = decision.reason = "fuzz";
  decision.verdict = static_cast<Decision::Verdict>(below(3));
  auto chosen = below(4);
  for (const auto& [no, row] : stores_.tables().messages) {
    if (row.disposition != Disposition::kQuarantined) continue;
    decision.message = no;
    decision.body = row.body;
    if (chosen-- == 0) break;
  }
  if (decision.verdict == Decision::Verdict::kEdit && below(2) == 0)
    if (const auto at = decision.body.find("\"deal_amount\":\""); at != std::string::npos)
      decision.body.insert(at + 15, "1");
  platform_->decide(std::move(decision), expect<Decided>());
}

void ProtocolWorld::pass_time() {
  const auto steps = 1 + below(16);
  for (int i = 0; i < steps; ++i) {
    clock_.advance(kSecond / 10);
    for (const auto& [which, site] : sites_)
      if (!site.silent) platform_->heard(site.session);
    platform_->watch_sites();
    settle();
  }
}

void ProtocolWorld::of_tasks(std::uint8_t which) {
  switch (which) {
    case 28: platform_->recover_plans(); return;
    case 29:
      switch (below(7)) {
        case 0: platform_->expire_sites(); return;
        case 1: platform_->retry_outbox(); return;
        case 2: platform_->apply_parked(); return;
        case 3: platform_->expire_plans(true); return;
        case 4:
          platform_->orders_acknowledged(order_link_,
                                         OutNo{below(3) == 0 ? number() : outlet_.last_out.value()},
                                         [](const auto&) {});
          return;
        case 5:
          if (below(2) == 0) platform_->order_system_gone(order_link_);
          order_link_ = platform_->order_system_ready(
              "market", [] {}, [] {}, [](const std::string&) {});
          return;
        default: clock_.advance(kSecond * 600 * below(4)); return;
      }
    case 30:
      if (below(4) == 0) return restart();
      return;
    default: {
      const auto length = below(40);
      std::string text;
      for (int i = 0; i < length; ++i)
        text += static_cast<char>(byte());
      take(functions()[below(8)].topic_in, text);
    }
  }
}

void ProtocolWorld::restart() {
  platform_.reset();
  platform_ = std::make_unique<Platform>(ports_, outlet_, clock_, options_of_fuzzer());
  platform_->start(below(2) == 0);
}

void ProtocolWorld::settle() {
  while (platform_->run_batch() > 0) {
  }
  CHECK(open_ == 0, "a request without an answer");
}

void ProtocolWorld::check() {
  const support::MemoryTables& t = stores_.tables();
  std::map<PlanId, std::int64_t> numbers;
  std::map<std::pair<PlanId, LineNumber>, int> given;
  for (const auto& [no, row] : t.messages) {
    const bool waits = t.cache.contains({row.plan, row.number});
    CHECK(waits == (row.disposition == Disposition::kCached), "a message is in two places");
    if (row.number == LineNumber{}) continue;
    CHECK((++given[{row.plan, row.number}] == 1), "a number was given twice");
    ++numbers[row.plan];
  }
  for (const auto& [id, plan] : t.plans) {
    CHECK(numbers[id] == plan.last.value(), "the numbers of a plan have a hole");
    CHECK(plan.applied <= plan.last, "applied what was not given");
    CHECK(plan.applied == plan.last || plan.status == PlanStatus::kAbnormal ||
              !plan.quarantine_reason.empty(),
          "a plan runs, and messages wait");
    CHECK(plan.last >= last_[id], "a plan's line goes back");
    last_[id] = plan.last;
  }
  const WorkReport totals = platform_->reconcile_totals();
  CHECK(totals.rows == 0, "totals differ from orders and fills");
}

}  // namespace systask::fuzz
