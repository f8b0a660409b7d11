// The Stage holds the drill's processes: the service, the sites and the flow. It starts
// them, kills and stops them, brings sites back when their time has come, and reads what
// they record as they go. poll() moves all of it on; call it every few milliseconds. An
// end that nobody asked for is thrown, with the tail of the log; but a service that somebody
// else killed is started again where the options say so. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "peers/drill/child.h"
#include "peers/drill/line_file.h"
#include "peers/drill/options.h"
#include "peers/drill/recoveries.h"
#include "peers/drill/trace.h"
#include "peers/drill/workplace.h"

namespace systask::peers::drill {

// What the flow says of itself ten times a second.
struct FlowProgress {
  std::int64_t sent = 0;
  std::int64_t unique = 0;
  std::int64_t acked = 0;
  std::int64_t held = 0;
  std::int64_t orders = 0;
  bool idle = false;
  bool done = false;
  double seconds = 0;
  double rate = 0;
};

enum class SiteState { kUp, kStopped, kDown };

struct SiteSlot {
  std::string name;
  SiteState state = SiteState::kDown;
  bool expected_down = false;  // it ends, or has ended, because it was told to
  int processes = 0;
  std::unique_ptr<Child> child;
  std::unique_ptr<LineFile> file;
  SiteTrace* trace = nullptr;    // of the process that runs, or ran last
  std::set<std::int64_t> plans;  // that it has, by its own account
  bool logged_in = false;
  int digests = 0;       // how often it wrote all of them
  std::size_t kill = 0;  // of kills(), where it is down or stopped
  std::optional<MonotonicPoint> back_at;
};

class Stage {
 public:
  Stage(const Clock& clock, const Workplace& place, const std::vector<std::string>& sites,
        const DrillOptions& options);

  void start_service();
  void start_site(SiteSlot& site);
  void start_flow(const std::vector<std::string>& arguments);

  // Back after `back`, or when bring_back() is called where there is none.
  void kill_site(SiteSlot& site, const std::string& signal,
                 std::optional<std::chrono::milliseconds> back);
  void bring_back(SiteSlot& site);
  // SIGKILL, and started again at once; SIGTERM, waited for by service_ended() instead.
  void kill_service();
  void end_service();
  [[nodiscard]] bool service_ended();
  void signal_flow(int number) const;

  void poll();

  [[nodiscard]] std::vector<SiteSlot>& sites() { return sites_; }
  [[nodiscard]] const FlowProgress& flow() const { return flow_progress_; }
  [[nodiscard]] bool flow_ended() const { return flow_ == nullptr; }
  [[nodiscard]] std::vector<Kill>& kills() { return kills_; }
  [[nodiscard]] const std::deque<SiteTrace>& traces() const { return traces_; }
  // The highest number of the plan's line that any site recorded.
  [[nodiscard]] std::int64_t seen(std::int64_t plan) const;
  [[nodiscard]] std::string logs() const;

 private:
  void read_site(SiteSlot& site);
  void take_line(SiteSlot& site, std::string_view line);
  void take_progress(std::string_view line);
  void check_ends();
  void check_service();
  [[noreturn]] void ended_by_itself(const std::string& who, const Child& child) const;
  std::size_t record_kill(const std::string& target, const std::string& signal);

  const Clock& clock_;
  const Workplace& place_;
  std::uint64_t seed_;
  std::int64_t capacity_;  // of a site: every plan, so that none waits for the killed one
  bool revive_;
  std::unique_ptr<Child> service_;
  bool service_ends_ = false;
  std::size_t service_kill_ = 0;  // of kills_, while it is being ended
  std::unique_ptr<Child> flow_;
  LineFile flow_file_;
  FlowProgress flow_progress_;
  std::vector<SiteSlot> sites_;
  std::deque<SiteTrace> traces_;  // of all processes; addresses stay
  std::map<std::int64_t, std::int64_t> seen_;
  std::vector<Kill> kills_;
};

}  // namespace systask::peers::drill
