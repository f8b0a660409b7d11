// The commands of a client, and a service that answers what the test says over a real socket.
#pragma once

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "net/server.h"
#include "service/cli/commands.h"

namespace systask::service {

// A service in appearance: answers every request alike, but those of some paths, and keeps them.
class ScriptedService {
 public:
  ScriptedService() {
    server_.start();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~ScriptedService() {
    server_.stop();
    work_.reset();
    thread_.join();
  }

  void answers(int status, std::string body) {
    answer_.with([&](net::HttpResponse& answer) { answer = {status, "application/json", body}; });
  }
  // What is at this path, whatever the others have.
  void answers_at(const std::string& path, std::string body) {
    at_.with([&](auto& all) { all.insert_or_assign(path, std::move(body)); });
  }
  // Pages at this path: the one that is asked for by ?after=1 is the second.
  void answers_in_pages(const std::string& path, std::vector<std::string> pages) {
    pages_.with([&](auto& all) { all.insert_or_assign(path, std::move(pages)); });
  }
  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }
  net::HttpRequest last() {
    return requests_.with([](auto& all) { return all.empty() ? net::HttpRequest{} : all.back(); });
  }
  std::vector<net::HttpRequest> all() {
    return requests_.with([](auto& all) { return all; });
  }

 private:
  void handle(net::HttpRequest request, const net::HttpAnswer& answer) {
    auto response = answer_.with([](const net::HttpResponse& one) { return one; });
    at_.with([&](auto& all) {
      const auto found = all.find(request.path);
      if (found != all.end()) response = {200, "application/json", found->second};
    });
    pages_.with([&](auto& all) {
      const auto found = all.find(request.path);
      if (found == all.end()) return;
      const auto after = request.query.find("after");
      const std::size_t page = after == request.query.end() ? 0 : std::stoul(after->second);
      response = {200, "application/json", found->second.at(page)};
      if (page + 1 < found->second.size())
        response.headers.emplace_back(
            "Link", "<" + request.path + "?after=" + std::to_string(page + 1) + ">; rel=\"next\"");
    });
    requests_.with([&](auto& all) { all.push_back(std::move(request)); });
    answer(std::move(response));
  }

  Guarded<net::HttpResponse> answer_;
  Guarded<std::map<std::string, std::string>> at_;
  Guarded<std::map<std::string, std::vector<std::string>>> pages_;
  Guarded<std::vector<net::HttpRequest>> requests_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  net::Server server_{
      io_,
      {.port = 0},
      {.on_request = [this](net::HttpRequest request,
                            const net::HttpAnswer& answer) { handle(std::move(request), answer); },
       .on_connection = {}}};
  std::thread thread_;
};

class CliTest : public testing::Test {
 protected:
  struct Outcome {
    int status = 0;
    std::string out;
    std::string err;
  };

  Outcome run(const std::vector<std::string>& words, CLI::App& app, int& status) {
    add_client_commands(app, status, {.run = standalone});
    std::vector<const char*> argv{"systask"};
    for (const auto& word : words)
      argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.status = run_app(app, static_cast<int>(argv.size()), argv.data(), status);
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
  }
  Outcome run(const std::vector<std::string>& words) {
    CLI::App app{"systask"};
    int status = 0;
    return run(words, app, status);
  }
  Outcome run_connected(std::vector<std::string> words) {
    words.insert(words.end(), {"--connect", service.address()});
    return run(words);
  }
  boost::json::value last_body() { return boost::json::parse(service.last().body); }

  ScriptedService service;
  std::function<int(const StandaloneRun&)> standalone;
};

}  // namespace systask::service
