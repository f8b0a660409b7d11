// The Platform is trading's front door: every request of a site, a client, the order
// system or a scheduled task becomes a command to the worker here, and its answer comes
// back once it is durable.
//
// Requests may be made from any thread and never wait; answers come on the worker's
// thread, in the order of the requests about one plan, and must not wait either. A full
// worker answers BUSY, a broken database INTERNAL: nothing was changed then. stop()
// finishes what was asked.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "trading/message.h"
#include "trading/plan.h"
#include "trading/ports/message_store.h"
#include "trading/ports/outlet.h"
#include "trading/stores.h"
#include "trading/stream.h"
#include "trading/worker_health.h"

namespace systask {
class MarketHours;
}  // namespace systask

namespace systask::trading {

template <class T>
using Answer = std::function<void(Result<T>)>;

struct PlatformOptions {
  std::chrono::milliseconds heartbeat{200};
  std::chrono::milliseconds site_timeout{1'000};
  std::chrono::milliseconds site_grace{200};         // for a reconnect that resumes
  std::chrono::milliseconds start_grace{2'000};      // after a start, for sites to come back
  std::chrono::milliseconds hold_max{5'000};         // takeovers held when all sites fall silent
  std::chrono::milliseconds rebuild_timeout{5'000};  // without a sign from the rebuilding site
  // An order system that acknowledges nothing for so long loses its orders to another, if one is
  // connected.
  std::chrono::milliseconds order_timeout{5'000};
  std::chrono::milliseconds park_max{600'000};  // a message waits for its order so long
  std::int64_t park_most = 100'000;             // messages that may wait for their orders
  std::int64_t park_most_mib = 256;             // of their bodies together
  int digest_tries = 3;  // rebuilds that site and platform disagree about, then quarantine
  int offer = 1;         // sites asked at once to rebuild a plan; the first claim wins
  int rebuilds = 512;    // under way at a time
  int rebuilds_per_site = 256;
  int moves = 1;                    // plans that leave a draining site at a time
  std::int64_t in_flight = 65'536;  // replayed and not acknowledged, of one plan

  // The shortest silence for which a site may be declared lost; it is told this one as its
  // limit, so that it fences itself before.
  [[nodiscard]] std::chrono::milliseconds suspect_after() const {
    return std::min(site_timeout, std::max(heartbeat * 4, site_timeout * 6 / 10));
  }

  std::string time_zone = "Asia/Shanghai";
  std::shared_ptr<const MarketHours> hours;  // null: no market has a calendar
  std::vector<std::string> known_sites;      // by their secrets: for "never logged in"
  std::size_t batch_commands = 512;          // in one transaction, at most
  bool own_thread = true;  // else whoever calls run_batch() is the worker: a simulation
};

// Who asks, about which plan: what every request of a site about a plan carries.
struct SiteRequest {
  SessionId session;
  PlanId plan;
  Epoch epoch;
};

struct LoginRequest {
  std::string name;
  std::string environment = "prod";
  std::set<std::string> strategies;
  int capacity = 1000;
  struct Held {
    PlanId plan;
    Epoch epoch;
    LineNumber through;
  };
  std::string from;  // its address, for people
  SessionId resume;  // 0: a new session
  std::vector<Held> held;
};

struct LoginAnswer {
  SiteId site;
  SessionId session;
  bool resumed = false;
  struct Kept {
    PlanId plan;
    Epoch epoch;
    PlanStatus status = PlanStatus::kRunning;
    bool claimed = false;  // it is replaying
  };
  std::vector<Kept> plans;
};

struct OrderRequest {
  std::string algo_ordid;
  Market market;
  std::string security;
  Side side = Side::kBuy;
  PriceTicks price;
  Quantity quantity = 0;
};

// One order by either of its names.
struct OrderName {
  std::string algo_ordid;
  Market market;
  std::string number;
};

// One page, as the JSON of docs/protocol.md, section 5.
struct OpenOrdersPage {
  std::string json;
  bool last = true;  // nothing follows it
};

struct ClaimAnswer {
  Epoch epoch;
  LineNumber snapshot;
};

struct CachedAnswer {
  LineNumber through;
  std::int64_t remaining = 0;
};

struct FinishAnswer {
  PlanStatus status = PlanStatus::kRunning;
  LineNumber last;
};

enum class PlanRequest : std::uint8_t { kStart, kPause, kResume, kCancel, kModify, kExpire };
std::optional<PlanRequest> plan_request(std::string_view name);  // "pause"
std::string_view name_of(PlanRequest request);

struct NewPlan {
  std::string name;
  std::string strategy;
  std::string environment = "prod";
  Parameters parameters;
  std::vector<PlanDetail> details;
  std::int32_t tolerance_percent = 0;
  std::optional<BusinessDate> last_date;  // later than today: it is reopened each day
  std::string actor;
  std::string reason;      // for the audit log; may be empty
  std::string message_id;  // where a message asked for it: the plan is made once
};

struct CreatedPlan {
  PlanId plan;
  std::string site;   // empty: it starts when its business date is opened
  BusinessDate date;  // the market's next one where its last session is over
};

// What intake did since the start; from the worker, readable at any time.
struct IntakeCounts {
  std::uint64_t applied = 0;
  std::uint64_t cached = 0;
  std::uint64_t replayed = 0;
  std::uint64_t passed = 0;
  std::uint64_t parked = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t ids_reused = 0;  // of those quarantined: by an id used again
};

// The orders and cancels that no order system has acknowledged, and who gets them.
struct OrdersOutView {
  std::int64_t waiting = 0;
  Micros longest{0};                   // how long the first of them waits, our stalls not counted
  std::string receiver;                // the name of whom they are sent to; empty: nobody
  std::vector<std::string> connected;  // order systems, by their logins
};

// A site's name that two processes use: the one that has it, and the one that was refused.
struct DisputedName {
  std::string site;
  std::string holder;  // addresses
  std::string refused_from;
  std::int64_t refused = 0;
};

// What an operator says about a quarantined message.
struct Decision {
  enum class Verdict : std::uint8_t { kApply, kSkip, kEdit };
  MessageNo message;
  Verdict verdict = Verdict::kSkip;
  std::string body;  // of an edit: the whole body, as it should have been published
  std::string actor;
  std::string reason;  // required
};

struct Decided {
  std::string outcome;  // "applied", "skipped"; of a message alone what became of it: "cached"
  PlanId plan;          // 0: none
  LineNumber number;
  bool released = false;  // its plan was quarantined and goes on
};

// For each site why it would, or would not, get this plan.
struct Explained {
  PlanId plan;
  std::string site;   // that has it, or rebuilds it
  std::string state;  // "running", "waits for a site", "is being rebuilt by B"
  std::vector<std::pair<std::string, std::string>> sites;  // name and answer
};

// A plan as it is served to sites and clients: the JSON of docs/protocol.md, section 4,
// with epoch, site, last, skipped and digest for `plan_state` and GET /api/plans/ID.
struct PlanView {
  std::string plan_json;
  bool abnormal = false;  // no site has it: its status is what it was before
  Epoch epoch;
  std::string site;
  LineNumber last;     // number given
  LineNumber applied;  // what is said here of the plan, and the digest, are as of this number
  std::int64_t skipped = 0;
  std::int64_t cached = 0;
  std::string digest;
  std::string reason;  // why it failed; else empty
};

// What one look of task 5180509 did.
struct RecoveryReport {
  int waiting = 0;    // abnormal plans that no site could be found for
  int offered = 0;    // rebuilds asked for now
  int timed_out = 0;  // rebuilds taken back
  int submitted = 0;  // plans given to their first site
  int under_way = 0;
};

// What the start of day, or the check of totals, did: a sentence for the run's outcome.
struct WorkReport {
  std::int64_t rows = 0;
  std::string detail;
};

class Platform {
 public:
  Platform(const Stores& stores, Outlet& outlet, const Clock& clock, PlatformOptions options);
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  // Loads the state and starts the worker. With `sites_return`, sites that were logged in
  // have start_grace to come back.
  void start(bool sites_return);
  void stop();
  // Without a thread of its own: runs one batch of what was asked; how many commands it took.
  std::size_t run_batch();
  [[nodiscard]] const PlatformOptions& options() const;

  // --- the order system ---
  // Takes one report. `done` is called when it is durably dealt with; `failed` when it was
  // not kept and must be sent again, with all behind it in its stream.
  void take(std::string_view topic, std::string_view body, std::function<void()> done,
            std::function<void(const std::string& why)> failed,
            std::shared_ptr<Stream> stream = nullptr);
  // It logged in: `ready` is called, and all that is not acknowledged is sent again behind it.
  // `bind` is called behind it, and whenever orders go to this connection because another has gone
  // or is silent: from then on the outlet's order() is for it. All on the worker's thread.
  OrderLinkId order_system_ready(std::string name, std::function<void()> bind,
                                 std::function<void()> ready,
                                 std::function<void(const std::string& why)> failed);
  // Its connection is closed: another that is connected gets the orders.
  void order_system_gone(OrderLinkId link);
  // BAD_REQUEST beyond what this connection was sent.
  void orders_acknowledged(OrderLinkId link, OutNo through, Answer<bool> answer);
  // The message centre has a publication that is kept; or could not take one: it is kept then,
  // and made again by retry_outbox().
  void publication_made(OutNo kept);
  void publication_failed(Publication publication, const std::string& error);

  // --- sites ---
  // The events that a resumed site has not seen are pushed right behind the answer.
  void login(LoginRequest request, Answer<LoginAnswer> answer);
  // Looks for sites that are lost. Call it every few tens of milliseconds on the thread that
  // calls heard(): where it comes late, we are the ones who stood still. Does not wait.
  void watch_sites();
  // Monotonic time without our own stalls: for how long others were silent.
  [[nodiscard]] MonotonicPoint awake() const;
  void heard(SessionId session);         // any frame of it
  void disconnected(SessionId session);  // its connection is closed
  void logout(SessionId session, Answer<bool> answer);
  void drain(const std::string& site, const std::string& actor, const std::string& reason,
             Answer<bool> answer);
  void acknowledge(const SiteRequest& who, LineNumber through, Answer<bool> answer);
  void place(const SiteRequest& who, OrderRequest order, Answer<bool> answer);
  void cancel(const SiteRequest& who, OrderName order, Answer<bool> answer);
  void plan_done(const SiteRequest& who, PlanRequest request, Answer<PlanStatus> answer);
  void plan_failed(const SiteRequest& who, const std::string& reason, Answer<PlanStatus> answer);
  void plan_state(const SiteRequest& who, Answer<PlanView> answer);
  void open_orders(const SiteRequest& who, OrderId after, std::size_t limit,
                   Answer<OpenOrdersPage> answer);
  void claim(const SiteRequest& who, LineNumber snapshot, Answer<ClaimAnswer> answer);
  void cached(const SiteRequest& who, std::size_t limit, Answer<CachedAnswer> answer);
  // `digest` is the site's of the plan; empty: it does not say.
  void finish(const SiteRequest& who, LineNumber through, Answer<FinishAnswer> answer,
              std::string digest = {});
  void recover_failed(const SiteRequest& who, const std::string& reason, Answer<bool> answer);

  // --- clients ---
  // In a stream, where the order system asks: INTERNAL and BUSY mean that it must ask again.
  void create(NewPlan plan, Answer<CreatedPlan> answer, std::shared_ptr<Stream> stream = nullptr);
  // pause, resume, cancel, expire, or modify with the changed parameters.
  void change(PlanId plan, PlanRequest request, Parameters parameters, const std::string& actor,
              Answer<LineNumber> answer, const std::string& reason = {});
  void view(PlanId plan, Answer<PlanView> answer);

  // --- operators ---
  // NO_SUCH_MESSAGE where it does not wait in quarantine; IMPOSSIBLE, and nothing changed,
  // where it cannot be applied as it is.
  void decide(Decision decision, Answer<Decided> answer);
  void quarantined(MessageNo message, Answer<MessageRow> answer);
  // Takes a plan to that site in good order, or refuses with what is against it.
  void move(PlanId plan, const std::string& to, const std::string& actor, const std::string& reason,
            Answer<bool> answer);
  void explain(PlanId plan, Answer<Explained> answer);
  // A plan that is quarantined without a message goes on.
  void release(PlanId plan, const std::string& actor, const std::string& reason,
               Answer<bool> answer);

  // --- scheduled tasks: these wait for the worker, so never from the io thread ---
  RecoveryReport recover_plans();
  WorkReport expire_sites();
  WorkReport retry_outbox();
  WorkReport apply_parked();
  WorkReport archive_day();
  WorkReport clear_message_cache(int keep_days);
  WorkReport roll_business_date();
  WorkReport reopen_day_expired_plans();
  // With by_hand the wall clock counts as it is; else only what it has shown for a minute.
  WorkReport expire_plans(bool by_hand);
  WorkReport reconcile_totals();

  // --- readable at any time ---
  [[nodiscard]] IntakeCounts counts() const;
  [[nodiscard]] OrdersOutView orders_out() const;
  // Names of sites of which a login was refused within the last minute, since the one that has it
  // was well; and how often a login threw out one that was well.
  [[nodiscard]] std::vector<DisputedName> disputed_names() const;
  [[nodiscard]] std::uint64_t replaced_logins() const;
  [[nodiscard]] std::size_t queue_depth() const;
  // Whether what is asked becomes durable; and a batch of nothing, to see whether it does again.
  [[nodiscard]] WorkerHealth intake_health() const;
  void nudge();
  // Takeovers are held because all sites fell silent at once; how often that began.
  [[nodiscard]] bool takeovers_held() const;
  [[nodiscard]] std::uint64_t times_takeovers_held() const;
  // The open business date, as of the last commit.
  [[nodiscard]] BusinessDate business_date() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace systask::trading
