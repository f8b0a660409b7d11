// The Network carries frames between the service and its peers: in order on one connection,
// each after a delay of its own. A connection may break, or go dead in one direction while
// both ends believe in it; a frame that was read before its connection was closed may still
// be dealt with after. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/agenda.h"
#include "tests/simulation/dice.h"
#include "trading/stream.h"
#include "trading/types.h"

namespace systask::simulation {

struct Link {
  int id = 0;
  std::string peer;
  bool peer_open = true;
  bool service_open = true;
  bool deaf_up = false;     // frames to the service vanish
  bool deaf_down = false;   // frames to the peer vanish
  bool late_reads = false;  // what is on its way to the service outlives the closing
  Micros last_up{0};
  Micros last_down{0};
  std::shared_ptr<Micros> peer_wakes;  // it is stopped until then
  std::function<void()> peer_closed;
  std::function<void()> service_closed;
  trading::OrderLinkId orders;              // of an order system
  std::shared_ptr<trading::Stream> stream;  // of the publications that came on it
};
using LinkPtr = std::shared_ptr<Link>;

class Network {
 public:
  Network(Agenda& agenda, Dice dice) : agenda_(agenda), dice_(dice) {}
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  LinkPtr connect(const std::string& peer, std::shared_ptr<Micros> peer_wakes);
  void up(const LinkPtr& link, std::function<void()> frame);
  void down(const LinkPtr& link, std::function<void()> frame);
  void close_by_peer(const LinkPtr& link);
  void close_by_service(const LinkPtr& link);
  // Somewhere between them: both learn of it.
  void cut(const LinkPtr& link);

  Micros service_wakes{0};  // the service is stopped until then
  bool faults = true;

 private:
  Micros delay();
  void arrive_up(const LinkPtr& link, const std::function<void()>& frame);
  void arrive_down(const LinkPtr& link, const std::function<void()>& frame);
  void tell_service(const LinkPtr& link);
  void tell_peer(const LinkPtr& link);

  Agenda& agenda_;
  Dice dice_;
  // What a link calls when it is closed holds the link: the network lets go of it at the end.
  std::vector<std::weak_ptr<Link>> links_;
};

}  // namespace systask::simulation
