// OpenSessions knows how to stop each session of a server, and so how many there are.
//
// A session holds the Slot that add() gives; letting go of it, on any thread, takes the
// session off the list. stop_all() calls each session's function once, outside the lock.
// The functions must keep no session alive: they hold weak pointers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.h"

namespace systask::net {

class OpenSessions : public std::enable_shared_from_this<OpenSessions> {
 public:
  using Slot = std::shared_ptr<void>;

  [[nodiscard]] Slot add(std::function<void()> stop) {
    const std::uint64_t id = table_.with([&](Table& table) {
      table.stops.emplace(++table.last_id, std::move(stop));
      return table.last_id;
    });
    return Slot{this, [self = shared_from_this(), id](void*) { self->remove(id); }};
  }

  [[nodiscard]] std::size_t size() const {
    return table_.with([](const Table& table) { return table.stops.size(); });
  }

  void stop_all() {
    std::vector<std::function<void()>> stops;
    table_.with([&](const Table& table) {
      for (const auto& [id, stop] : table.stops)
        stops.push_back(stop);
    });
    for (const auto& stop : stops)
      stop();
  }

 private:
  struct Table {
    std::map<std::uint64_t, std::function<void()>> stops;
    std::uint64_t last_id = 0;
  };

  void remove(std::uint64_t id) {
    table_.with([id](Table& table) { table.stops.erase(id); });
  }

  Guarded<Table> table_;
};

}  // namespace systask::net
