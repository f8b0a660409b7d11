// Frames a second from one end of a loopback WebSocket to the other, both in one thread:
// our Connection, against Beast's stream on a plain TCP socket as the baseline.
#include <benchmark/benchmark.h>

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <memory>
#include <string>

#include "net/client.h"
#include "net/server.h"
#include "net/tcp.h"

namespace systask::net {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;
using Error = boost::beast::error_code;

constexpr std::size_t kBatch = 1'000;

struct CountingPeer final : Peer {
  void on_text(std::string_view) override { ++count; }
  void on_closed(std::string_view) override {}
  std::shared_ptr<Connection> connection;
  std::size_t count = 0;
};

void BM_Connection(benchmark::State& state) {
  asio::io_context io{1};
  const auto sender = std::make_shared<CountingPeer>();
  const auto receiver = std::make_shared<CountingPeer>();
  Server server{io,
                {.port = 0},
                {.on_request = nullptr,
                 .on_connection = [&](std::shared_ptr<Connection> connection, const std::string&) {
                   sender->connection = std::move(connection);
                   return sender;
                 }}};
  server.start();
  connect(
      io, {"127.0.0.1", std::to_string(server.port())}, "/", {.timeout = std::chrono::seconds{5}},
      [&](std::shared_ptr<Connection> connection) {
        receiver->connection = std::move(connection);
        return receiver;
      },
      [&](const std::string& reason) { state.SkipWithError(reason.c_str()); });
  while (!receiver->connection)
    io.run_one();
  const Frame frame = make_frame(std::string(static_cast<std::size_t>(state.range(0)), 'x'));
  for (auto _ : state) {
    receiver->count = 0;
    for (std::size_t i = 0; i < kBatch; ++i)
      sender->connection->send(frame);
    while (receiver->count < kBatch)
      io.run_one();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  receiver->connection.reset();
  sender->connection.reset();
  server.stop();
  io.run();
}
BENCHMARK(BM_Connection)->Arg(40)->Arg(300)->UseRealTime();

// Two streams that are open, and the loops that write and read on them.
class PlainPair {
 public:
  using Stream = websocket::stream<TcpSocket, false>;

  explicit PlainPair(asio::io_context& io) : out_(io), in_(io) {
    tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
    in_.next_layer().connect(acceptor.local_endpoint());
    acceptor.accept(out_.next_layer());
    out_.next_layer().set_option(tcp::no_delay{true});
    in_.next_layer().set_option(tcp::no_delay{true});
    int open = 0;
    out_.async_accept([&](Error) { ++open; });
    in_.async_handshake("x", "/", [&](Error) { ++open; });
    while (open < 2)
      io.run_one();
    io.restart();  // it had nothing left to do
    out_.auto_fragment(false);
    out_.text(true);
    read();
  }

  // The next may be called when the last of these has been written: see `unwritten`.
  void write(const std::string& text, std::size_t left) {
    unwritten = left;
    if (left == 0) return;
    out_.async_write(asio::buffer(text),
                     [this, &text, left](Error, std::size_t) { write(text, left - 1); });
  }
  std::size_t count = 0;
  std::size_t unwritten = 0;

 private:
  void read() {
    in_.async_read(text_, [this](Error error, std::size_t) {
      if (error) return;
      text_.clear();
      ++count;
      read();
    });
  }

  Stream out_;
  Stream in_;
  boost::beast::flat_buffer text_;
};

void BM_PlainBeastStream(benchmark::State& state) {
  asio::io_context io{1};
  PlainPair pair{io};
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    pair.count = 0;
    pair.write(text, kBatch);
    while (pair.count < kBatch || pair.unwritten > 0)
      io.run_one();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(BM_PlainBeastStream)->Arg(40)->Arg(300)->UseRealTime();

}  // namespace
}  // namespace systask::net
