// A BufferedSocket lies between a WebSocket and its TCP socket, so that many small frames
// cost one system call: reads take what the kernel has, up to 64 KiB, and a write ends as
// soon as its bytes are in the buffer. A flush sends the buffer at once, unless the owner
// holds it: between hold() and release() only a full buffer is sent.
//
// An error of a flush is reported by the writes that follow, and by the teardown, which
// waits for what is unsent (a close frame must not be lost) and for the peer's end, but no
// longer than `teardown_timeout`, since Beast would wait forever. At most one read and one write
// may be outstanding, as Beast promises. Everything happens on the io thread, closing the
// next_layer() included, which is how all of it is cancelled. The operations share the
// state, so the BufferedSocket may die before them.
#pragma once

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "net/tcp.h"

namespace systask::net {

class BufferedSocket {
  using Error = boost::beast::error_code;

 public:
  using executor_type = Executor;
  using next_layer_type = TcpSocket;  // NOLINT(readability-identifier-naming): Beast asks for it

  // `already_read` are bytes that came on the socket before it was given here.
  BufferedSocket(TcpSocket socket, std::string_view already_read,
                 std::chrono::milliseconds teardown_timeout)
      : state_(std::make_shared<State>(std::move(socket), already_read)),
        teardown_timeout_(teardown_timeout) {}

  [[nodiscard]] executor_type get_executor() { return state_->socket.get_executor(); }
  [[nodiscard]] TcpSocket& next_layer() { return state_->socket; }
  [[nodiscard]] const TcpSocket& next_layer() const { return state_->socket; }

  void hold() { state_->held = true; }
  void release() {
    state_->held = false;
    State::flush(state_);
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_compose<Token, void(Error, std::size_t)>(
        ReadOp<Buffers>{state_, buffers}, token, state_->socket);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_compose<Token, void(Error, std::size_t)>(
        WriteOp<Buffers>{state_, buffers}, token, state_->socket);
  }

  // Beast finds this by its arguments when a closing handshake is over.
  template <class Token>
  friend void async_teardown(boost::beast::role_type role, BufferedSocket& socket, Token&& token) {
    socket.release();
    socket.state_->teardown_limit.expires_after(socket.teardown_timeout_);
    socket.state_->teardown_limit.async_wait([state = socket.state_](Error error) {
      if (!error) state->socket.close(error);
    });
    boost::asio::async_compose<Token, void(Error)>(TeardownOp{socket.state_, role}, token,
                                                   socket.state_->socket);
  }

 private:
  static constexpr std::size_t kReadBytes = std::size_t{64} << 10;
  static constexpr std::size_t kFlushBytes = std::size_t{64} << 10;    // sent although held
  static constexpr std::size_t kUnsentBytes = std::size_t{128} << 10;  // more waits
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  struct State {
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

    template <class Buffers>
    std::size_t append(const Buffers& buffers) {
      const std::size_t bytes = std::min(room(), boost::asio::buffer_size(buffers));
      const std::size_t before = out.size();
      out.resize(before + bytes);
      return boost::asio::buffer_copy(boost::asio::buffer(out) + before, buffers, bytes);
    }

    template <class Buffers>
    std::size_t take(const Buffers& buffers) {
      const std::size_t bytes = boost::asio::buffer_copy(
          buffers, boost::asio::buffer(in.data() + in_begin, in_end - in_begin));
      in_begin += bytes;
      return bytes;
    }

    static void flush(const std::shared_ptr<State>& self) {
      State& state = *self;
      if (state.flushing || state.out.empty() || state.error) return;
      if (state.held && state.out.size() < kFlushBytes) return;
      state.flushing = true;
      state.sending.clear();
      state.sending.swap(state.out);
      boost::asio::async_write(state.socket, boost::asio::buffer(state.sending),
                               [self](Error failure, std::size_t) {
                                 self->flushing = false;
                                 self->error = failure;
                                 if (failure) self->out.clear();
                                 flush(self);
                                 self->progress.cancel();  // wakes whoever waits for room
                               });
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
  using StatePtr = std::shared_ptr<State>;

  template <class Buffers>
  struct ReadOp {
    StatePtr state;
    Buffers buffers;
    enum { kStart, kReceiving, kTaken } step = kStart;
    std::size_t bytes = 0;

    template <class Self>
    void operator()(Self& self, Error error = {}, std::size_t received = 0) {
      if (step == kTaken) return self.complete({}, bytes);
      if (step == kReceiving) {
        if (error) return self.complete(error, 0);
        state->in_begin = 0;
        state->in_end = received;
        return self.complete({}, state->take(buffers));
      }
      if (state->in_begin == state->in_end) {
        step = kReceiving;
        TcpSocket& socket = state->socket;
        return socket.async_read_some(boost::asio::buffer(state->in), std::move(self));
      }
      step = kTaken;
      bytes = state->take(buffers);
      boost::asio::post(state->socket.get_executor(), std::move(self));
    }
  };

  template <class Buffers>
  struct WriteOp {
    StatePtr state;
    Buffers buffers;
    enum { kStart, kWaiting, kAppended } step = kStart;
    std::size_t bytes = 0;

    template <class Self>
    void operator()(Self& self, Error = {}) {
      if (step != kAppended) {
        if (!state->error && state->room() == 0) {
          step = kWaiting;
          Timer& progress = state->progress;
          return progress.async_wait(std::move(self));
        }
        const bool inside_the_call = step == kStart;
        step = kAppended;
        if (!state->error) bytes = state->append(buffers);
        State::flush(state);
        if (inside_the_call)
          return boost::asio::post(state->socket.get_executor(), std::move(self));
      }
      self.complete(bytes == 0 ? state->error : Error{}, bytes);
    }
  };

  struct TeardownOp {
    StatePtr state;
    boost::beast::role_type role;
    enum { kFlushing, kEnding } step = kFlushing;

    template <class Self>
    void operator()(Self& self, Error = {}) {
      if (step == kEnding) {
        // The WebSocket has ended; how TCP ends must not hide the reason for it.
        state->teardown_limit.cancel();
        return self.complete({});
      }
      if (state->unsent()) {
        Timer& progress = state->progress;
        return progress.async_wait(std::move(self));
      }
      step = kEnding;
      TcpSocket& socket = state->socket;
      const boost::beast::role_type ours = role;
      boost::beast::websocket::async_teardown(ours, socket, std::move(self));
    }
  };

  StatePtr state_;
  std::chrono::milliseconds teardown_timeout_;
};

}  // namespace systask::net
