// The Registry maps the name of a task to its body: the C++ that does the work.
//
// It is filled while the service is put together, on one thread, and only read after
// that, from any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/run.h"

namespace systask::scheduler {

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
