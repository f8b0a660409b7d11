// Sends, seen at the system call: each frame of the bytes that leave, just before they do,
// and just after the kernel has them.
#include <sys/socket.h>

#include <bitset>
#include <string>
#include <string_view>

#include "tests/faults/library/points.h"
#include "tests/faults/library/real.h"

namespace systask::faults {
namespace {

constexpr std::size_t kMost = 64;
constexpr unsigned char kTextFrame = 0x81;

using Kinds = std::bitset<kMost>;

std::size_t kind_of(std::string_view text) {
  for (std::size_t i = 0; i < kinds(); ++i) {
    const Kind& one = kind(i);
    if (one.group != Group::kSend) continue;
    const bool inside = one.sign.front() == '*';
    if (inside ? text.find(one.sign.substr(1)) != std::string_view::npos
               : text.starts_with(one.sign))
      return i;
  }
  return kNoKind;
}

void add(Kinds& found, std::string_view text) {
  if (const std::size_t one = kind_of(text); one != kNoKind) found.set(one);
}

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

// A server's frames: a head of 2, 4 or 10 bytes, and the text as it is. What is no whole
// frame (the rest of one that was cut) ends the search.
Kinds kinds_in(std::string_view bytes) {
  Kinds found;
  if (bytes.starts_with("HTTP/1.1 ")) {
    if (!bytes.starts_with("HTTP/1.1 101 ")) add(found, bytes);
    return found;
  }
  while (byte_at(bytes, 0) == kTextFrame) {
    constexpr std::size_t kTwoBytes = 126;
    std::size_t head = 2;
    std::size_t size = byte_at(bytes, 1);
    if (size >= kTwoBytes) {
      const std::size_t wide = size == kTwoBytes ? 2 : 8;
      size = 0;
      for (std::size_t i = 0; i < wide; ++i)
        size = size << 8U | byte_at(bytes, 2 + i);
      head += wide;
    }
    if (size > bytes.size() || head + size > bytes.size()) break;
    add(found, bytes.substr(head, size));
    bytes.remove_prefix(head + size);
  }
  return found;
}

std::string bytes_of(const msghdr& message) {
  std::string bytes;
  for (std::size_t i = 0; i < message.msg_iovlen; ++i)
    bytes.append(static_cast<const char*>(message.msg_iov[i].iov_base), message.msg_iov[i].iov_len);
  return bytes;
}

void pass_all(const Kinds& found, Moment moment) {
  for (std::size_t kind = 0; kind < kinds(); ++kind)
    if (found.test(kind)) pass(kind, moment);
}

// Sends by `call`, which gives what the system call gave.
template <class Call>
ssize_t send_watched(std::string_view bytes, const Call& call) {
  const Kinds found = kinds_in(bytes);
  pass_all(found, Moment::kBefore);
  const ssize_t sent = call();
  if (sent > 0) pass_all(kinds_in(bytes.substr(0, static_cast<std::size_t>(sent))), Moment::kAfter);
  return sent;
}

}  // namespace
}  // namespace systask::faults

extern "C" {

__attribute__((visibility("default"))) ssize_t sendmsg(int socket, const msghdr* message,
                                                       int flags) {
  static auto* const next = systask::faults::real("sendmsg", &sendmsg);
  if (!systask::faults::in_service()) return next(socket, message, flags);
  return systask::faults::send_watched(systask::faults::bytes_of(*message),
                                       [&] { return next(socket, message, flags); });
}

__attribute__((visibility("default"))) ssize_t send(int socket, const void* data, std::size_t size,
                                                    int flags) {
  static auto* const next = systask::faults::real("send", &send);
  if (!systask::faults::in_service()) return next(socket, data, size, flags);
  return systask::faults::send_watched({static_cast<const char*>(data), size},
                                       [&] { return next(socket, data, size, flags); });
}
}
