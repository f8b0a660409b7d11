// The Registry maps the name of a task to its body: the C++ that does the work.
//
// It is filled while the service is put together, on one thread, and only read after
// that, from any thread. A body runs on a lane's thread; it returns one short sentence
// (its outcome in the ledger) and throws on failure. What it captures must outlive the
// engine's lanes.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/run.h"

namespace systask::scheduler {

using Body = std::function<std::string(const RunContext&)>;

class Registry {
 public:
  // A name may be given once.
  void add(std::string name, Body body);
  [[nodiscard]] const Body* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::map<std::string, Body, std::less<>> bodies_;
};

}  // namespace systask::scheduler
