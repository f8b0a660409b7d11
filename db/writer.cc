#include "db/writer.h"

namespace systask::db {

Writer::Lease Writer::lease(Urgency urgency) {
  std::unique_lock lock{mutex_};
  if (urgency == Urgency::kUrgent) {
    ++urgent_waiting_;
    urgent_.wait(lock, [this] { return !lent_; });
    --urgent_waiting_;
  } else {
    ++normal_waiting_;
    normal_.wait(lock, [this] { return !lent_ && urgent_waiting_ == 0; });
    --normal_waiting_;
  }
  lent_ = true;
  return Lease{this};
}

std::size_t Writer::waiting() {
  const std::scoped_lock lock{mutex_};
  return urgent_waiting_ + normal_waiting_;
}

void Writer::begin() {
  if (moved_) expect_in_place();
  connection_.begin_write();
}

void Writer::commit() {
  expect_in_place();
  connection_.commit();
}

void Writer::expect_in_place() {
  if (files_ == nullptr) return;
  moved_ = true;
  files_->expect_in_place();
  moved_ = false;
}

void Writer::give_back() noexcept {
  connection_.roll_back();
  const std::scoped_lock lock{mutex_};
  lent_ = false;
  if (urgent_waiting_ > 0) {
    urgent_.notify_one();
  } else {
    normal_.notify_one();
  }
}

}  // namespace systask::db
