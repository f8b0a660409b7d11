#include "net/buffered_socket.h"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <span>
#include <vector>

namespace systask::net {

namespace asio = boost::asio;
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kFlushBytes = std::size_t{64} << 10;    // sent although held
constexpr std::size_t kUnsentBytes = std::size_t{128} << 10;  // more waits

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace

struct BufferedSocket::State {
  State(TcpSocket tcp, std::string_view already_read)
      : socket(std::move(tcp)),
        progress(socket.get_executor(), Timer::time_point::max()),
        teardown_limit(socket.get_executor()),
        in(std::max(kReadBytes, already_read.size())) {
    in_end = already_read.copy(in.data(), already_read.size());
  }

  [[nodiscard]] std::size_t room() const {
    return kUnsentBytes - std::min(kUnsentBytes, out.size());
  }
  [[nodiscard]] bool unsent() const { return flushing || !out.empty(); }

  std::size_t append(const From& from) {
    const std::size_t before = out.size();
    std::size_t left = room();
    for (const asio::const_buffer& buffer : std::span{from.buffers}.first(from.count)) {
      const std::size_t bytes = std::min(left, buffer.size());
      const auto* const begin = static_cast<const char*>(buffer.data());
      out.insert(out.end(), begin, begin + bytes);
      left -= bytes;
    }
    return out.size() - before;
  }

  std::size_t take(const Into& into) {
    const std::size_t bytes =
        asio::buffer_copy(std::span{into.buffers}.first(into.count),
                          asio::buffer(in.data() + in_begin, in_end - in_begin));
    in_begin += bytes;
    return bytes;
  }

  TcpSocket socket;
  Timer progress;  // never expires: a wait on it ends when a flush has ended
  Timer teardown_limit;
  std::vector<char> in;
  std::size_t in_begin = 0;
  std::size_t in_end = 0;
  std::vector<char> out;      // collects
  std::vector<char> sending;  // belongs to the flush under way
  bool flushing = false;
  bool held = false;
  Error error;
};

BufferedSocket::BufferedSocket(TcpSocket socket, std::string_view already_read,
                               std::chrono::milliseconds teardown_timeout)
    : state_(std::make_shared<State>(std::move(socket), already_read)),
      teardown_timeout_(teardown_timeout) {}

Executor BufferedSocket::get_executor() { return state_->socket.get_executor(); }
TcpSocket& BufferedSocket::next_layer() { return state_->socket; }
const TcpSocket& BufferedSocket::next_layer() const { return state_->socket; }

void BufferedSocket::hold() { state_->held = true; }

void BufferedSocket::release() {
  state_->held = false;
  flush(state_);
}

// Whoever waits is kept by the io context, never by the state, which would keep itself alive.
void BufferedSocket::complete(const StatePtr& state, DonePtr done, Error error, std::size_t bytes) {
  asio::post(state->socket.get_executor(),
             [done = std::move(done), error, bytes] { done->call(error, bytes); });
}

void BufferedSocket::read(const StatePtr& state, const Into& into, DonePtr done) {
  if (state->in_begin != state->in_end)
    return complete(state, std::move(done), {}, state->take(into));
  state->socket.async_read_some(asio::buffer(state->in), [state, into, done = std::move(done)](
                                                             Error error, std::size_t bytes) {
    if (error) return done->call(error, 0);
    state->in_begin = 0;
    state->in_end = bytes;
    done->call({}, state->take(into));
  });
}

void BufferedSocket::write(const StatePtr& state, const From& from, DonePtr done) {
  if (!state->error && state->room() == 0) {
    state->progress.async_wait([state, from, done = std::move(done)](Error) mutable {
      write(state, from, std::move(done));
    });
    return;
  }
  const std::size_t bytes = state->error ? 0 : state->append(from);
  flush(state);
  complete(state, std::move(done), bytes == 0 ? state->error : Error{}, bytes);
}

void BufferedSocket::flush(const StatePtr& state) {
  if (state->flushing || state->out.empty() || state->error) return;
  if (state->held && state->out.size() < kFlushBytes) return;
  state->flushing = true;
  state->sending.clear();
  state->sending.swap(state->out);
  asio::async_write(state->socket, asio::buffer(state->sending), [state](Error error, std::size_t) {
    state->flushing = false;
    state->error = error;
    if (error) state->out.clear();
    flush(state);
    state->progress.cancel();  // wakes whoever waits for room
  });
}

void BufferedSocket::tear_down(boost::beast::role_type role, DonePtr done) {
  release();
  state_->teardown_limit.expires_after(teardown_timeout_);
  state_->teardown_limit.async_wait([state = state_](Error error) {
    if (!error) state->socket.close(error);
  });
  end(state_, role, std::move(done));
}

void BufferedSocket::end(const StatePtr& state, boost::beast::role_type role, DonePtr done) {
  if (state->unsent()) {
    state->progress.async_wait([state, role, done = std::move(done)](Error) mutable {
      end(state, role, std::move(done));
    });
    return;
  }
  boost::beast::websocket::async_teardown(role, state->socket,
                                          [state, done = std::move(done)](Error) {
                                            // The WebSocket has ended; how TCP ends must not hide
                                            // the reason for it.
                                            state->teardown_limit.cancel();
                                            done->call({}, 0);
                                          });
}

}  // namespace systask::net
