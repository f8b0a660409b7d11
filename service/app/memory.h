// While one lives, what is freed goes back to the system at once, at the price of system calls: for
// the reading of a large configuration, of which little stays. Of the whole process; when it ends,
// what the other way of freeing has kept is given back, too, as far as the allocator can.
#pragma once

namespace systask::service {

class MemoryGoesBack {
 public:
  MemoryGoesBack();
  ~MemoryGoesBack();
  MemoryGoesBack(const MemoryGoesBack&) = delete;
  MemoryGoesBack& operator=(const MemoryGoesBack&) = delete;

 private:
  long delay_ = 0;  // the allocator's own
};

}  // namespace systask::service
