#include "scheduler/registry.h"

#include "base/check.h"

namespace systask::scheduler {

void Registry::add(std::string name, Body body) {
  const bool added = bodies_.emplace(std::move(name), std::move(body)).second;
  CHECK(added, "two bodies were registered under one name");
}

const Body* Registry::find(std::string_view name) const {
  const auto found = bodies_.find(name);
  return found == bodies_.end() ? nullptr : &found->second;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  names.reserve(bodies_.size());
  for (const auto& [name, body] : bodies_)
    names.push_back(name);
  return names;
}

}  // namespace systask::scheduler
