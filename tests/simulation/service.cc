#include "tests/simulation/service.h"

#include <algorithm>

#include "tests/simulation/observer.h"

namespace systask::simulation {

using namespace trading;  // NOLINT: this file is made of trading's types

namespace {

constexpr Micros kWatch{50'000};
const char* const kTasks[] = {"recover-plans", "expire-sites", "retry-outbox", "apply-parked"};

}  // namespace

Service::Service(Parts parts)
    : parts_(parts), transactions_(parts.stores.stores().transactions), ports_([this] {
        const Stores real = parts_.stores.stores();
        return Stores{transactions_, real.plans, real.orders,  real.messages, real.cache,
                      real.outbox,   real.sites, real.records, real.day};
      }()) {
  transactions_.at_commit = [this] { return at_commit(); };
  transactions_.died = [this] { die("around a commit"); };
  const auto task = [this](const char* name, auto work) {
    registry_.add(name, [this, work](const scheduler::RunContext&) {
      work(*platform_);
      return std::string{"done"};
    });
  };
  task(kTasks[0], [](Platform& p) { p.recover_plans(); });
  task(kTasks[1], [](Platform& p) { p.expire_sites(); });
  task(kTasks[2], [](Platform& p) { p.retry_outbox(); });
  task(kTasks[3], [](Platform& p) { p.apply_parked(); });
}

Service::~Service() { bury(); }

void Service::start() {
  if (platform_) return;
  ++life_;
  dead_ = transactions_.dead = false;
  effects_left_.reset();
  parts_.network.service_wakes = Micros{0};
  PlatformOptions options;
  options.known_sites = {"A", "B", "C"};
  options.own_thread = false;
  // Small batches, now and then: when one is lost, others are queued behind it.
  if (parts_.dice.one_in(2))
    options.batch_commands = static_cast<std::size_t>(parts_.dice.between(1, 4));
  parts_.journal.say("the service starts (life {})", life_);
  try {
    platform_ = std::make_unique<Platform>(ports_, *this, parts_.clock, options);
    platform_->start(true);
    start_engine();
  } catch (const std::exception& error) {
    parts_.journal.say("the service cannot start: {}", error.what());
    dead_ = true;
  }
  observer_->service_started();
  after_step();
  if (!up()) return;
  watch();
  every_second();
}

void Service::start_engine() {
  lanes_ = std::make_unique<scheduler::ManualLanes>(std::set<int>{1});
  engine_ = std::make_unique<scheduler::Engine>(
      scheduler::EngineParts{parts_.clock, parts_.ledger, parts_.ledger, *lanes_, registry_,
                             [](TimePoint) { return 20260522; }, nullptr});
  std::vector<scheduler::TaskSpec> specs;
  for (const char* const name : kTasks) {
    scheduler::TaskSpec spec;
    spec.id = scheduler::TaskId{static_cast<std::int64_t>(specs.size()) + 1};
    spec.name = name;
    spec.timetable = scheduler::Timetable{scheduler::Every{std::chrono::seconds{1}}};
    spec.schedule_text = "every 1s";
    specs.push_back(std::move(spec));
  }
  (void)engine_->start(std::move(specs)).value();
}

// --- life and death ---

void Service::die(const std::string& why) {
  if (dead_) return;
  dead_ = transactions_.dead = true;
  parts_.journal.say("the service dies: {}", why);
}

void Service::crash(const std::string& why) {
  if (!up()) return;
  die(why);
  after_step();
}

void Service::bury() {
  ++life_;
  if (engine_) engine_->stop(Micros{0});
  engine_.reset();
  lanes_.reset();
  platform_.reset();
  parts_.stores.lose_transaction_at_write(0, 0);
  for (const LinkPtr& link : std::exchange(links_, {}))
    parts_.network.close_by_service(link);
  sites_.clear();
  session_of_.clear();
  order_system_.reset();
  batch_is_due_ = false;
}

void Service::stall(Micros length) {
  if (!up() || parts_.agenda.now() < parts_.network.service_wakes) return;
  parts_.journal.say("the service stands still for {} ms", length.count() / 1000);
  parts_.network.service_wakes = parts_.agenda.now() + length;
  observer_->service_stalled(length);
}

void Service::lose_at_write(int write, bool fatal) {
  if (!up()) return;
  parts_.journal.say("the disk will be full at write {}{}", write, fatal ? ", and power lost" : "");
  parts_.stores.lose_transaction_at_write(write, 1);
  fatal_loss_ = fatal;
}

AtCommit Service::at_commit() {
  if (!faults_) return AtCommit::kFine;
  const auto what = parts_.dice.below(1'200);
  if (what == 0) return AtCommit::kDeathBefore;
  if (what == 1) return AtCommit::kDeathAfter;
  if (what <= 3) effects_left_ = parts_.dice.between(1, 8);
  if (what == 4) {
    parts_.journal.say("a commit is refused: the disk is full");
    return AtCommit::kRefused;
  }
  return AtCommit::kFine;
}

bool Service::leaves(int life) {
  if (life != life_ || dead_) return false;
  if (!effects_left_) return true;
  if (--*effects_left_ > 0) return true;
  die("between two things that it says");
  return false;
}

// After whatever ran commands: the tables are looked at, and the dead are buried.
void Service::after_step() {
  if (fatal_loss_ && parts_.stores.tables().lost) {
    die("the disk was full, and then the power was lost");
    fatal_loss_ = false;
  }
  if (dead_) {
    bury();
    if (told_of_crash_) told_of_crash_();
  }
  observer_->look();
  if (up() && platform_->queue_depth() > 0) soon();
}

void Service::soon() {
  if (batch_is_due_ || !up()) return;
  batch_is_due_ = true;
  const Micros wait{parts_.dice.one_in(6) ? parts_.dice.between(1, 3'000) : 0};
  parts_.agenda.after(wait, [this, life = life_] {
    if (life == life_) batch();
  });
}

void Service::batch() {
  if (parts_.agenda.now() < parts_.network.service_wakes) {
    parts_.agenda.at(parts_.network.service_wakes, [this, life = life_] {
      if (life == life_) batch();
    });
    return;
  }
  batch_is_due_ = false;
  platform_->run_batch();
  after_step();
}

void Service::watch() {
  parts_.agenda.after(kWatch, [this, life = life_] {
    if (life != life_) return;
    if (parts_.agenda.now() >= parts_.network.service_wakes) {
      platform_->watch_sites();
      if (platform_->queue_depth() > 0) soon();
    }
    watch();
  });
}

void Service::every_second() {
  parts_.agenda.after(std::chrono::seconds{1}, [this, life = life_] {
    if (life != life_) return;
    if (parts_.agenda.now() >= parts_.network.service_wakes) {
      engine_->tick(parts_.clock.now());
      run_lanes();
    }
    if (life == life_) every_second();
  });
}

void Service::run_lanes() {
  if (!up() || lanes_->queued() == 0) return;
  while (!dead_ && lanes_->run_one()) {
  }
  after_step();
}

void Service::run_task(const std::string& name) {
  if (!up()) return;
  (void)engine_->trigger(name);
  run_lanes();
}

void Service::turn_the_day() {
  if (!up()) return;
  platform_->archive_day();
  platform_->roll_business_date();
  platform_->clear_message_cache(30);
  after_step();
}

// --- the order system ---

void Service::order_system_logs_in(const LinkPtr& link, std::function<void()> ready,
                                   std::function<void(const OutRow&)> out) {
  parts_.network.up(link, [this, link, ready = std::move(ready), out = std::move(out)] {
    if (!up()) return parts_.network.cut(link);
    links_.push_back(link);
    link->service_closed = [this, life = life_, link] {
      if (order_system_ == link) order_system_.reset();
      if (life == life_ && up()) platform_->order_system_gone(link->orders);
    };
    link->orders = platform_->order_system_ready(
        "market",
        [this, life = life_, link, out] {
          if (!leaves(life) || !link->service_open) return;
          order_system_ = link;
          out_ = out;
        },
        [this, life = life_, link, ready] {
          if (leaves(life) && link->service_open) parts_.network.down(link, ready);
        },
        [this, life = life_, link](const std::string&) {
          if (life == life_ && !dead_) parts_.network.cut(link);
        });
    soon();
  });
}

void Service::publish(const LinkPtr& link, const Report& report, std::function<void()> acked) {
  parts_.network.up(link, [this, link, topic = report.topic, body = report.body, id = report.id,
                           acked = std::move(acked)] {
    if (!up()) return;
    const auto done = [this, life = life_, link, id, acked] {
      if (!leaves(life)) return;
      observer_->acknowledged(id);
      parts_.network.down(link, acked);
    };
    const auto failed = [this, life = life_, link](const std::string&) {
      // It was not kept: the order system must send it again, on another connection.
      if (life == life_ && !dead_) parts_.network.cut(link);
    };
    if (!link->stream) link->stream = std::make_shared<Stream>();
    observer_->taken(link->id, id);
    platform_->take(topic, body, done, failed, link->stream);
    soon();
  });
}

void Service::orders_acknowledged(const LinkPtr& link, OutNo through) {
  parts_.network.up(link, [this, link, through] {
    if (!up()) return;
    platform_->orders_acknowledged(link->orders, through, [](const auto&) {});
    soon();
  });
}

void Service::order(OutRow row) {
  if (!leaves(life_)) return;
  observer_->order_left(row);
  if (!order_system_) return;
  parts_.network.down(order_system_, [row = std::move(row), out = out_] { out(row); });
}

// --- sites ---

SessionId Service::heard(const LinkPtr& link) {
  const auto it = session_of_.find(link.get());
  if (it == session_of_.end()) return {};
  platform_->heard(it->second);
  observer_->heard(it->second, parts_.agenda.now());
  return it->second;
}

void Service::heartbeat(const LinkPtr& link, std::function<void()> reply) {
  parts_.network.up(link, [this, link, reply = std::move(reply)] {
    if (!up()) return;
    heard(link);
    parts_.network.down(link, reply);
  });
}

void Service::login(const LinkPtr& link, LoginRequest request, PushTo push,
                    Answer<LoginAnswer> answer) {
  parts_.network.up(link, [this, link, request = std::move(request), push = std::move(push),
                           answer = std::move(answer)] {
    if (!up()) return;
    links_.push_back(link);
    link->service_closed = [this, life = life_, link] {
      if (life != life_ || dead_) return;
      const auto it = session_of_.find(link.get());
      if (it == session_of_.end()) return;
      const auto bound = sites_.find(it->second);
      if (bound == sites_.end() || bound->second.link != link) return;
      observer_->disconnected(it->second, parts_.agenda.now());
      platform_->disconnected(it->second);
      sites_.erase(bound);
    };
    platform_->login(request, [this, life = life_, link, push, answer,
                               name = request.name](const Result<LoginAnswer>& result) {
      if (!leaves(life)) return;
      if (result.has_value()) {
        session_of_[link.get()] = result->session;
        const auto former = sites_.find(result->session);
        if (former != sites_.end()) parts_.network.close_by_service(former->second.link);
        sites_[result->session] = {link, push};
        observer_->logged_in(result->session, name, parts_.agenda.now());
        if (!link->service_open) link->service_closed();
      }
      parts_.network.down(link, [answer, result] { answer(result); });
    });
    soon();
  });
}

void Service::push(Push push) {
  if (!leaves(life_)) return;
  observer_->pushed(push);
  const auto it = sites_.find(push.session);
  if (it == sites_.end()) return;
  parts_.network.down(it->second.link,
                      [to = it->second.push, push = std::move(push)] { to(push); });
}

void Service::publish(Publication publication) {
  if (!leaves(life_)) return;
  if (faults_ && parts_.dice.one_in(60)) {  // the message centre does not take it
    platform_->publication_failed(std::move(publication), "timeout");
    return;
  }
  observer_->published(publication);
  if (publication.kept != OutNo{}) platform_->publication_made(publication.kept);
}

void Service::session_lost(SessionId session) {
  if (!leaves(life_)) return;
  observer_->session_lost(session, parts_.agenda.now());
  const auto it = sites_.find(session);
  if (it == sites_.end()) return;
  parts_.network.close_by_service(it->second.link);
  sites_.erase(it);
}

void Service::recover_now() {
  if (!leaves(life_) || !engine_) return;
  (void)engine_->trigger(kTasks[0]);
  parts_.agenda.after(Micros{0}, [this, life = life_] {
    if (life == life_ && parts_.agenda.now() >= parts_.network.service_wakes) run_lanes();
  });
}

}  // namespace systask::simulation
