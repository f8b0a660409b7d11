#include "tests/faults/library/points.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "tests/faults/library/files.h"

namespace systask::faults {
namespace {

// The first kind of a group that fits is taken; of a transaction, every kind that fits.
constexpr std::array kKinds{
    Kind{Group::kCommit, "commit.intake", "insert into algojr_tmessage "},
    Kind{Group::kCommit, "commit.cache", "insert into algojr_trequestcache"},
    Kind{Group::kCommit, "commit.replay", "delete from algojr_trequestcache"},
    Kind{Group::kCommit, "commit.fill", "insert into algojr_trealdeal"},
    Kind{Group::kCommit, "commit.order-entry", "insert into algojr_toutbox"},
    Kind{Group::kCommit, "commit.order-gone", "delete from algojr_toutbox"},
    Kind{Group::kCommit, "commit.new-plan", "insert into algojr_tscheme "},
    Kind{Group::kCommit, "commit.plan", "update algojr_tscheme set business_date"},
    Kind{Group::kCommit, "commit.claim", "update algojr_tscheme set site_no"},
    Kind{Group::kCommit, "commit.site", "insert into algojr_tstrategysite"},
    Kind{Group::kCommit, "commit.recovery", "insert into algojr_trecovery"},
    Kind{Group::kCommit, "commit.finish", "'recovered'"},
    Kind{Group::kCommit, "commit.audit", "insert into algojr_tauditlog"},
    Kind{Group::kCommit, "commit.archive", "insert into algojr_this"},
    Kind{Group::kCommit, "commit.day", "insert into algojr_tplatform (name, value) values"},
    Kind{Group::kCommit, "commit.tasks", "insert into tstp_systemtask "},
    Kind{Group::kCommit, "commit.tick", "update tstp_systemtask_due set watermark_us"},
    Kind{Group::kCommit, "commit.outcome", "update tstp_systemtask_run set run_state"},

    Kind{Group::kSend, "send.http", "HTTP/1.1 "},
    Kind{Group::kSend, "send.acked", R"({"acked":)"},
    Kind{Group::kSend, "send.order", R"({"topic":"stp.order.place")"},
    Kind{Group::kSend, "send.order-cancel", R"({"topic":"stp.order.cancel")"},
    Kind{Group::kSend, "send.offer", R"({"topic":"asset.algo.recover_scheme")"},
    Kind{Group::kSend, "send.release", R"({"topic":"asset.algo.release_scheme")"},
    Kind{Group::kSend, "send.ended", R"({"topic":"asset.algo.scheme_status")"},
    Kind{Group::kSend, "send.push", R"(*,"seq":)"},
    Kind{Group::kSend, "send.publication", R"(*,"line":)"},
    Kind{Group::kSend, "send.challenge", R"(*"ok":{"challenge":)"},
    Kind{Group::kSend, "send.login", R"(*"ok":{"site":)"},
    Kind{Group::kSend, "send.peer-login", R"(*"ok":{"session":)"},
    Kind{Group::kSend, "send.heartbeat", R"(*"ok":{"time":)"},
    Kind{Group::kSend, "send.orders", R"(*"ok":{"snapshot":)"},
    Kind{Group::kSend, "send.claim", R"(*"ok":{"epoch":)"},
    Kind{Group::kSend, "send.cached", R"(*"ok":{"through":)"},
    Kind{Group::kSend, "send.finish", R"(*"last":)"},
    Kind{Group::kSend, "send.plan-done", R"(*"ok":{"status":)"},
    Kind{Group::kSend, "send.placed", R"(*"ok":{"algo_ordid":)"},
    Kind{Group::kSend, "send.done", R"(*"ok":{})"},
    Kind{Group::kSend, "send.error", R"(*"error":{)"},

    Kind{Group::kFile, "file.log-write", "-wal", "write"},
    Kind{Group::kFile, "file.log-sync", "-wal", "sync"},
    Kind{Group::kFile, "file.backup-write", ".part", "write"},
    Kind{Group::kFile, "file.backup-done", ".part", "rename"},
    Kind{Group::kFile, "file.database-write", ".db", "write"},
    Kind{Group::kFile, "file.database-sync", ".db", "sync"},
};

constexpr std::size_t kPoints = kKinds.size() * 2;

std::size_t point_of(std::size_t kind, Moment moment) {
  return kind * 2 + static_cast<std::size_t>(moment);
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::size_t lines_of(const std::string& path) {
  std::ifstream file{path};
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}, '\n'));
}

// Where this process of the service ends.
struct Aim {
  std::size_t point = kPoints;  // none
  std::uint64_t passing = 0;
};

Aim read_aim(std::string_view list, std::size_t turn) {
  for (; turn > 0 && !list.empty(); --turn)
    list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
  const std::string_view words = list.substr(0, list.find(','));
  const auto colon = words.rfind(':');
  Aim aim;
  if (colon == std::string_view::npos) return aim;
  std::from_chars(words.data() + colon + 1, words.data() + words.size(), aim.passing);
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
    for (const Moment moment : {Moment::kBefore, Moment::kAfter})
      if (name_of(kind, moment) == words.substr(0, colon)) aim.point = point_of(kind, moment);
  if (aim.point == kPoints) {
    static_cast<void>(std::fprintf(stderr, "there is no crash point of that name: %s\n",
                                   std::string{words}.c_str()));
    std::abort();
  }
  return aim;
}

// Counts that outlive the process, where a file is named for them.
std::uint64_t* shared_counts(const std::string& path) {
  constexpr std::size_t kBytes = kPoints * sizeof(std::uint64_t);
  const int file = path.empty() ? -1 : ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ::ftruncate(file, kBytes) != 0) return nullptr;
  void* const place = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return place == MAP_FAILED ? nullptr : static_cast<std::uint64_t*>(place);
}

struct Plan {
  std::string log = variable("SYSTASK_CRASH_LOG");
  Aim aim = read_aim(variable("SYSTASK_CRASH_AT"), lines_of(log));
  std::uint64_t* counts = shared_counts(variable("SYSTASK_CRASH_COUNTS"));
  std::array<std::atomic<std::uint64_t>, kPoints> passed{};
};

Plan& plan() {
  static Plan the_plan;
  return the_plan;
}

bool is_service() {
  std::ifstream file{"/proc/self/cmdline"};
  std::string word;
  return std::getline(file, word, '\0') && std::getline(file, word, '\0') && word == "serve";
}

// In the order of the counts.
std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind)
    for (const Moment moment : {Moment::kBefore, Moment::kAfter})
      names.push_back(name_of(kind, moment));
  return names;
}

void write_line(const std::string& path, std::string text) {
  text += '\n';
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0 || ::write(file, text.data(), text.size()) < 0) std::abort();
  ::close(file);
}

}  // namespace

std::size_t kinds() { return kKinds.size(); }
const Kind& kind(std::size_t index) { return kKinds.at(index); }

std::string name_of(std::size_t kind, Moment moment) {
  return std::string{kKinds.at(kind).name} + (moment == Moment::kBefore ? ".before" : ".after");
}

bool in_service() {
  static const bool service = is_service();
  return service;
}

void pass(std::size_t kind, Moment moment) {
  if (!in_service() || kind == kNoKind) return;
  Plan& here = plan();
  const std::size_t point = point_of(kind, moment);
  if (here.counts != nullptr)
    std::atomic_ref<std::uint64_t>{here.counts[point]}.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t passing = here.passed[point].fetch_add(1, std::memory_order_relaxed) + 1;
  if (point != here.aim.point || passing != here.aim.passing) return;
  write_line(here.log, name_of(kind, moment) + ":" + std::to_string(passing));
  die();
}

void die() {
  forget_unsynced();
  ::kill(::getpid(), SIGKILL);
  while (true)
    ::pause();
}

}  // namespace systask::faults

// For the tests, which load the library to read the table.
extern "C" {

__attribute__((visibility("default"))) std::size_t systask_points() {
  return systask::faults::kinds() * 2;
}

__attribute__((visibility("default"))) const char* systask_point(std::size_t index) {
  static const std::vector<std::string> names = systask::faults::all_names();
  return names.at(index).c_str();
}
}
