// The Service is the process under test: the real Platform and the real scheduler Engine on
// memory stores that outlive it, and the little that stands between them and the network (who
// speaks for which session, which publications are dealt with). It may be killed between any
// two effects, before or after any commit, stopped and continued, and is started again on the
// tables as they were committed. Whatever it says or does is told to the Observer. One thread:
// a batch of the worker is a step of the agenda.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "scheduler/engine/engine.h"
#include "tests/simulation/crashing_stores.h"
#include "tests/simulation/network.h"
#include "tests/simulation/truth.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/memory_ledger.h"
#include "tests/support/memory_stores.h"
#include "trading/platform.h"

namespace systask::simulation {

class Observer;

class Service final : public trading::Outlet {
 public:
  using PushTo = std::function<void(const trading::Push&)>;

  struct Parts {
    Agenda& agenda;
    Network& network;
    ManualClock& clock;
    support::MemoryStores& stores;
    scheduler::MemoryLedger& ledger;
    Journal& journal;
    Dice dice;
  };
  explicit Service(Parts parts);
  ~Service() override;

  void watched_by(Observer& observer) { observer_ = &observer; }
  void start();
  void crash(const std::string& why);
  // SIGSTOP, and SIGCONT after so long.
  void stall(Micros length);
  // Commits fail, and it dies around them, from now on; or no more.
  void may_fail(bool it_may) { faults_ = it_may; }
  [[nodiscard]] bool up() const { return platform_ != nullptr && !dead_; }
  [[nodiscard]] trading::Platform& platform() { return *platform_; }
  // The next batch's transaction is lost at this write; `fatal`: and the process with it.
  void lose_at_write(int write, bool fatal);
  void on_crash(std::function<void()> told) { told_of_crash_ = std::move(told); }
  // Sets what is asked to run at once, and waits for it: a task run by hand.
  void run_task(const std::string& name);
  // What the tasks of the morning do.
  void turn_the_day();

  // --- the order system ---
  void order_system_logs_in(const LinkPtr& link, std::function<void()> ready,
                            std::function<void(const trading::OutRow&)> out);
  void publish(const LinkPtr& link, const Report& report, std::function<void()> acked);
  void orders_acknowledged(const LinkPtr& link, trading::OutNo through);

  // --- sites ---
  void login(const LinkPtr& link, trading::LoginRequest request, PushTo push,
             trading::Answer<trading::LoginAnswer> answer);
  // Any request on a connection: `call` asks the platform for the session of that connection,
  // `judge` sees the answer as it leaves the platform, `reply` gets it at the peer.
  template <class T>
  void ask(const LinkPtr& link,
           std::function<void(trading::Platform&, trading::SessionId, trading::Answer<T>)> call,
           std::function<void(const Result<T>&)> judge,
           std::function<void(const Result<T>&)> reply) {
    parts_.network.up(link, [this, link, call = std::move(call), judge = std::move(judge),
                             reply = std::move(reply)] {
      if (!up()) return;
      const trading::SessionId session = heard(link);
      call(*platform_, session, [this, life = life_, link, judge, reply](Result<T> result) {
        if (!leaves(life)) return;
        if (judge) judge(result);
        if (reply) parts_.network.down(link, [reply, result] { reply(result); });
      });
      soon();
    });
  }
  // A client, who is in the same room: no network between.
  template <class T>
  void ask_here(std::function<void(trading::Platform&, trading::Answer<T>)> call,
                std::function<void(const Result<T>&)> judge) {
    if (!up()) return;
    call(*platform_, [this, life = life_, judge](Result<T> result) {
      if (leaves(life) && judge) judge(result);
    });
    soon();
  }
  void heartbeat(const LinkPtr& link, std::function<void()> reply);

 private:
  // Outlet
  void push(trading::Push push) override;
  void publish(trading::Publication publication) override;
  void order(trading::OutRow row) override;
  void session_lost(trading::SessionId session) override;
  void recover_now() override;

  // False once the process of that life is dead; each thing that leaves may be the last.
  bool leaves(int life);
  trading::SessionId heard(const LinkPtr& link);
  void soon();  // the worker has something to do
  void batch();
  void every_second();
  void watch();
  void run_lanes();
  void after_step();
  void die(const std::string& why);
  void bury();
  AtCommit at_commit();
  void start_engine();

  Parts parts_;
  Observer* observer_ = nullptr;
  CrashingTransactions transactions_;
  trading::Stores ports_;
  std::unique_ptr<trading::Platform> platform_;
  scheduler::Registry registry_;
  std::unique_ptr<scheduler::ManualLanes> lanes_;
  std::unique_ptr<scheduler::Engine> engine_;
  std::function<void()> told_of_crash_;

  bool faults_ = false;
  bool dead_ = false;
  int life_ = 0;
  std::optional<std::int64_t> effects_left_;  // until it dies
  bool fatal_loss_ = false;
  bool batch_is_due_ = false;

  struct Login {
    LinkPtr link;
    PushTo push;
  };
  std::map<trading::SessionId, Login> sites_;
  std::map<const Link*, trading::SessionId> session_of_;
  std::vector<LinkPtr> links_;  // all of this life
  LinkPtr order_system_;
  std::function<void(const trading::OutRow&)> out_;
};

}  // namespace systask::simulation
