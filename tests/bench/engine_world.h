// What the benchmarks of the engine share: tasks by the thousand, a database in a folder of
// its own, and how a row of times is told.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "db/database.h"
#include "scheduler/engine/engine.h"

namespace systask::scheduler {

// The first `due` of them every second, the others at three in the night.
inline std::vector<TaskSpec> tasks_of(int count, int due) {
  const Schedule often = parse_every_schedule("1s").value();
  const Schedule rare = parse_cron_schedule("0 0 3 * * ?", Zone::utc()).value();
  std::vector<TaskSpec> specs;
  specs.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    TaskSpec spec{.id = TaskId{i + 1}, .name = fmt::format("task-{}", i), .body = "work"};
    spec.timetable = i < due ? often : rare;
    spec.schedule_text = i < due ? "every 1s" : "cron 0 0 3 * * ? UTC";
    specs.push_back(std::move(spec));
  }
  return specs;
}

inline void start(Engine& engine, std::vector<TaskSpec> specs) {
  const auto started = engine.start(std::move(specs));
  if (!started) throw std::runtime_error(started.error().message);
}

inline int any_day(TimePoint) { return 20260522; }

// Gone with the object. In the folder named, or among the temporary files.
class BenchDatabase {
 public:
  explicit BenchDatabase(const std::string& folder, const std::string& name = "bench")
      : folder_((folder.empty() ? std::filesystem::temp_directory_path()
                                : std::filesystem::path{folder}) /
                fmt::format("systask_{}_{}", name, ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    database_ = db::Database::open("sqlite3://" + path()).value();
  }
  ~BenchDatabase() {
    database_.reset();
    std::error_code left;
    std::filesystem::remove_all(folder_, left);
  }
  BenchDatabase(const BenchDatabase&) = delete;
  BenchDatabase& operator=(const BenchDatabase&) = delete;

  [[nodiscard]] std::string path() const { return (folder_ / "bench.db").string(); }
  [[nodiscard]] db::Database& operator*() { return *database_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<db::Database> database_;
};

// What so many of a hundred are not later than. `times` is put in order.
inline double percentile_ms(std::vector<Micros>& times, double share) {
  if (times.empty()) return 0;
  std::ranges::sort(times);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(times.size() - 1) / 100);
  return static_cast<double>(times[at].count()) / 1000;
}

// Of all threads of this process, in seconds.
inline double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace systask::scheduler
