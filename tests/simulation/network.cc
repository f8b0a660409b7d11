#include "tests/simulation/network.h"

#include <algorithm>
#include <utility>

namespace systask::simulation {

Network::~Network() {
  for (const auto& weak : links_) {
    const LinkPtr link = weak.lock();
    if (link == nullptr) continue;
    // Each may hold the last of the others.
    const auto closed = std::pair{std::move(link->peer_closed), std::move(link->service_closed)};
    link->peer_closed = link->service_closed = nullptr;
  }
}

LinkPtr Network::connect(const std::string& peer, std::shared_ptr<Micros> peer_wakes) {
  auto link = std::make_shared<Link>();
  links_.push_back(link);
  link->id = static_cast<int>(links_.size());
  link->peer = peer;
  link->late_reads = dice_.one_in(2);
  link->peer_wakes = std::move(peer_wakes);
  return link;
}

Micros Network::delay() {
  if (faults && dice_.one_in(40)) return Micros{dice_.between(20'000, 400'000)};
  return Micros{dice_.between(50, 2'000)};
}

void Network::up(const LinkPtr& link, std::function<void()> frame) {
  if (!link->peer_open || link->deaf_up) return;
  link->last_up = std::max(link->last_up, agenda_.now() + delay());
  agenda_.at(link->last_up, [this, link, frame = std::move(frame)] { arrive_up(link, frame); });
}

void Network::arrive_up(const LinkPtr& link, const std::function<void()>& frame) {
  if (agenda_.now() < service_wakes) {
    agenda_.at(service_wakes, [this, link, frame] { arrive_up(link, frame); });
    return;
  }
  if (link->deaf_up || (!link->service_open && !link->late_reads)) return;
  frame();
}

void Network::down(const LinkPtr& link, std::function<void()> frame) {
  if (!link->service_open || link->deaf_down) return;
  link->last_down = std::max(link->last_down, agenda_.now() + delay());
  agenda_.at(link->last_down, [this, link, frame = std::move(frame)] { arrive_down(link, frame); });
}

void Network::arrive_down(const LinkPtr& link, const std::function<void()>& frame) {
  if (agenda_.now() < *link->peer_wakes) {
    agenda_.at(*link->peer_wakes, [this, link, frame] { arrive_down(link, frame); });
    return;
  }
  if (link->peer_open && !link->deaf_down) frame();
}

void Network::tell_service(const LinkPtr& link) {
  if (agenda_.now() < service_wakes) {
    agenda_.at(service_wakes, [this, link] { tell_service(link); });
    return;
  }
  if (!link->service_open) return;
  link->service_open = false;
  if (link->service_closed) link->service_closed();
}

void Network::tell_peer(const LinkPtr& link) {
  if (agenda_.now() < *link->peer_wakes) {
    agenda_.at(*link->peer_wakes, [this, link] { tell_peer(link); });
    return;
  }
  if (!link->peer_open) return;
  link->peer_open = false;
  if (link->peer_closed) link->peer_closed();
}

void Network::close_by_peer(const LinkPtr& link) {
  if (!link->peer_open) return;
  link->peer_open = false;
  if (link->deaf_up) return;  // nobody is told
  link->last_up = std::max(link->last_up, agenda_.now() + delay());
  agenda_.at(link->last_up, [this, link] { tell_service(link); });
}

void Network::close_by_service(const LinkPtr& link) {
  if (!link->service_open) return;
  link->service_open = false;
  if (link->deaf_down) return;
  link->last_down = std::max(link->last_down, agenda_.now() + delay());
  agenda_.at(link->last_down, [this, link] { tell_peer(link); });
}

void Network::cut(const LinkPtr& link) {
  link->deaf_up = link->deaf_down = true;
  agenda_.after(delay(), [this, link] { tell_service(link); });
  agenda_.after(delay(), [this, link] { tell_peer(link); });
}

}  // namespace systask::simulation
