// A Site is a simulated strategy site, written from docs/protocol.md alone: it logs in and
// resumes, runs plans, places and cancels orders, acknowledges, takes plans over by pages,
// claim, cached messages and finish, and fences itself. It may be killed, stopped and
// continued (what it had in mind is said when it wakes), lose its connection, be slow, refuse
// a plan, or forget to drop what it has lost. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/service.h"

namespace systask::simulation {

class Observer;

class Site {
 public:
  struct Parts {
    Agenda& agenda;
    Network& network;
    Service& service;
    Observer& observer;
    Journal& journal;
    Dice dice;
  };
  Site(Parts parts, std::string name);

  void start();  // its process
  void kill();
  void stop_for(Micros length);  // SIGSTOP, SIGCONT
  void cut(bool both_ways);      // its connection; or it goes dead in one direction
  void drain();
  void calm() { faults_ = false; }
  // Restarted sites trade; a calm one only answers.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool running() const { return running_; }
  // How far it has this plan; nothing where it has it not, or is not done with it.
  [[nodiscard]] std::optional<trading::LineNumber> through(trading::PlanId plan) const;
  [[nodiscard]] bool idle() const;

 private:
  enum class Stage { kRunning, kReading, kClaiming, kReplaying, kFinishing };
  struct Held {
    trading::Epoch epoch;
    trading::LineNumber through;
    trading::LineNumber acked;
    Stage stage = Stage::kRunning;
    trading::LineNumber snapshot;
    trading::OrderId after;
    std::vector<std::string> pages;
    std::map<std::string, bool> orders;         // those it knows, by algo_ordid: they were accepted
    std::optional<trading::PlanRequest> asked;  // and not yet answered by plan_done
    Micros asked_at{0};
    bool ended = false;
    std::string security;
    int market = 1;
  };
  using Plans = std::map<trading::PlanId, Held>;

  void connect();
  void log_in();
  void logged_in(const Result<trading::LoginAnswer>& answer);
  void lost(const LinkPtr& link);
  void tick();
  void act(trading::PlanId plan, Held& held);
  void place(trading::PlanId plan, Held& held);
  void cancel(trading::PlanId plan, Held& held);
  void acknowledge(trading::PlanId plan, Held& held);
  void say_done(trading::PlanId plan, Held& held);
  void compare(trading::PlanId plan, const Held& held);
  void on_push(const trading::Push& push);
  void on_event(const trading::Push& push);
  // Taking over.
  void asked_to_rebuild(const trading::Push& push);
  void go_on(trading::PlanId plan);  // with whatever stage it is in
  void read_page(trading::PlanId plan, Held& held);
  void claim(trading::PlanId plan, Held& held);
  void replay(trading::PlanId plan, Held& held);
  void finish(trading::PlanId plan, Held& held, trading::LineNumber last);
  void drop(trading::PlanId plan, const std::string& why);
  // What a zombie says when it wakes, and a careless site after a new login.
  void say_stale_things(const Plans& plans);
  void say_stale_thing(trading::PlanId plan, const Held& held);

  [[nodiscard]] bool fenced() const;
  Held* find(trading::PlanId plan, trading::Epoch epoch);
  trading::Epoch epoch_of(trading::PlanId plan) const;

  // A request about a plan: the session is the connection's. `reply` is not called where the
  // site has lost the plan's epoch meanwhile.
  template <class T>
  void ask(
      trading::PlanId plan, trading::Epoch epoch,
      std::function<void(trading::Platform&, const trading::SiteRequest&, trading::Answer<T>)> call,
      std::string what, std::function<void(Held&, const Result<T>&)> reply);

  Parts parts_;
  const std::string name_;
  bool faults_ = true;
  bool running_ = false;
  int life_ = 0;
  std::shared_ptr<Micros> wakes_ = std::make_shared<Micros>(0);
  LinkPtr link_;
  bool logged_in_ = false;
  trading::SessionId session_;
  Micros heard_{0};
  Micros beaten_{0};
  int orders_ = 0;
  bool careless_ = false;  // what is said now is not listened for
  Plans plans_;
};

}  // namespace systask::simulation
