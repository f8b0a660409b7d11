#include "service/app/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

// Stands where systemd does: a datagram socket whose path is in the environment.
class NotifyTest : public testing::Test {
 protected:
  NotifyTest() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.file("notify");
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
  }
  ~NotifyTest() override {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
  }

  std::string heard() const {
    std::array<char, 256> text{};
    const auto size = recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string{text.data(), static_cast<std::size_t>(size)};
  }

 private:
  const int socket_ = socket(AF_UNIX, SOCK_DGRAM, 0);
  const ScratchFolder folder_;
};

TEST_F(NotifyTest, TellsWhatTheServiceIsDoing) {
  notify_ready("ticking");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=ticking");
  notify_reloading();
  EXPECT_EQ(heard(), "RELOADING=1");
  notify_stopping(std::chrono::seconds{20}, "stopping: waits for report");
  EXPECT_EQ(heard(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=20000000\nSTATUS=stopping: waits for report");
  notify_alive();
  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(NotifyTest, SaysThatItLivesTwiceInTheTimeOfTheWatchdog) {
  EXPECT_FALSE(watchdog_interval());
  setenv("WATCHDOG_USEC", "10000000", 1);
  ASSERT_TRUE(watchdog_interval());
  EXPECT_EQ(*watchdog_interval(), std::chrono::seconds{5});
}

TEST(Notify, DoesNothingWithoutSystemd) {
  notify_ready("ticking");
  notify_alive();
  EXPECT_FALSE(watchdog_interval());
}

}  // namespace
}  // namespace systask::service
