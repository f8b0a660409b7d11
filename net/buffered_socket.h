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
//
// Beast calls it with handlers and buffers of some forty types. They lose their types here, at the
// door, so that a compiler meets the work itself once.
#pragma once

#include <array>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "net/tcp.h"

namespace systask::net {

class BufferedSocket {
  using Error = boost::beast::error_code;

 public:
  using executor_type = Executor;
  using next_layer_type = TcpSocket;  // NOLINT(readability-identifier-naming): Beast asks for it

  // `already_read` are bytes that came on the socket before it was given here.
  BufferedSocket(TcpSocket socket, std::string_view already_read,
                 std::chrono::milliseconds teardown_timeout);

  [[nodiscard]] executor_type get_executor();
  [[nodiscard]] TcpSocket& next_layer();
  [[nodiscard]] const TcpSocket& next_layer() const;

  void hold();
  void release();

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
        [this]<class Handler>(Handler&& handler, const Buffers& into) {
          read(state_, pieces_of<boost::asio::mutable_buffer>(into),
               done_of(std::forward<Handler>(handler)));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(Error, std::size_t)>(
        [this]<class Handler>(Handler&& handler, const Buffers& from) {
          write(state_, pieces_of<boost::asio::const_buffer>(from),
                done_of(std::forward<Handler>(handler)));
        },
        token, buffers);
  }

  // Beast finds this by its arguments when a closing handshake is over.
  template <class Token>
  friend void async_teardown(boost::beast::role_type role, BufferedSocket& socket, Token&& token) {
    boost::asio::async_initiate<Token, void(Error)>(
        [&socket, role]<class Handler>(Handler&& handler) {
          socket.tear_down(role, done_of(std::forward<Handler>(handler)));
        },
        token);
  }

 private:
  struct State;
  using StatePtr = std::shared_ptr<State>;

  // The first buffers of a sequence that are not empty: "some" need not be all of it.
  template <class Buffer>
  struct Pieces {
    std::array<Buffer, 16> buffers;
    std::size_t count = 0;
  };
  using Into = Pieces<boost::asio::mutable_buffer>;
  using From = Pieces<boost::asio::const_buffer>;

  // Who waits for an operation. It is called on the io thread, and never from within the call that
  // began the operation.
  class Done {
   public:
    Done() = default;
    Done(const Done&) = delete;
    Done& operator=(const Done&) = delete;
    virtual ~Done() = default;
    virtual void call(Error error, std::size_t bytes) = 0;
  };
  using DonePtr = std::unique_ptr<Done>;

  template <class Handler>
  class Handled final : public Done {
    static_assert(std::is_same_v<boost::asio::associated_executor_t<Handler, Executor>, Executor>,
                  "it would have to be called elsewhere than on the io thread");

   public:
    explicit Handled(Handler handler) : handler_(std::move(handler)) {}
    void call(Error error, std::size_t bytes) override {
      if constexpr (std::is_invocable_v<Handler&, Error, std::size_t>)
        handler_(error, bytes);
      else
        handler_(error);
    }

   private:
    Handler handler_;
  };

  template <class Handler>
  static DonePtr done_of(Handler&& handler) {
    return std::make_unique<Handled<std::decay_t<Handler>>>(std::forward<Handler>(handler));
  }

  template <class Buffer, class Buffers>
  static Pieces<Buffer> pieces_of(const Buffers& buffers) {
    Pieces<Buffer> pieces;
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != end && pieces.count < pieces.buffers.size(); ++it) {
      const Buffer buffer{*it};
      if (buffer.size() > 0) pieces.buffers[pieces.count++] = buffer;
    }
    return pieces;
  }

  static void read(const StatePtr& state, const Into& into, DonePtr done);
  static void write(const StatePtr& state, const From& from, DonePtr done);
  void tear_down(boost::beast::role_type role, DonePtr done);
  static void end(const StatePtr& state, boost::beast::role_type role, DonePtr done);
  static void complete(const StatePtr& state, DonePtr done, Error error, std::size_t bytes);
  static void flush(const StatePtr& state);

  StatePtr state_;
  std::chrono::milliseconds teardown_timeout_;
};

}  // namespace systask::net
