#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <memory>
#include <stdexcept>

#include "base/log.h"
#include "base/number_range.h"
#include "net/address.h"
#include "peers/commands.h"
#include "peers/link/secrets.h"
#include "peers/site/site.h"

namespace systask::peers {
namespace {

struct SiteArguments {
  std::string name;
  std::vector<std::string> strategies{"twap", "follow"};
  std::string environment = "prod";
  std::int64_t capacity = 1000;
  std::string connect = "127.0.0.1:8787";
  std::string secrets = "service.secrets";
  std::string trace;
  std::uint64_t seed = 1;
};

constexpr std::chrono::seconds kLongestLogout{1};

SiteOptions options_of(const SiteArguments& arguments) {
  SiteOptions options;
  options.link.address = net::parse_address(arguments.connect).value();
  options.link.role = "site";
  options.link.name = arguments.name;
  options.link.secret = read_secret(arguments.secrets, "site", arguments.name).value();
  options.link.seed = arguments.seed;
  // Long enough that a busy plan's events share an acknowledgement.
  options.link.ack_delay = std::chrono::milliseconds{50};
  options.strategies = arguments.strategies;
  options.environment = arguments.environment;
  options.capacity = arguments.capacity;
  options.trace = arguments.trace;
  return options;
}

// Until SIGTERM or SIGINT, after which its plans are given back; SIGUSR1 asks for digests.
int run(const SiteArguments& arguments) {
  boost::asio::io_context io{1};
  const SystemClock clock;
  SiteOptions options = options_of(arguments);
  int status = 0;
  options.on_refused = [&](const Refusal&) {
    status = 1;
    io.stop();
  };
  Site site{io, clock, std::move(options)};

  boost::asio::signal_set ends{io, SIGTERM, SIGINT};
  boost::asio::steady_timer patience{io};
  ends.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    site.log_out([&io] { io.stop(); });
    patience.expires_after(kLongestLogout);
    patience.async_wait([&io](boost::system::error_code) { io.stop(); });
  });
  boost::asio::signal_set dumps{io, SIGUSR1};
  std::function<void()> wait_for_dump = [&] {
    dumps.async_wait([&](boost::system::error_code error, int) {
      if (error) return;
      site.dump_digests();
      wait_for_dump();
    });
  };
  wait_for_dump();

  site.start();
  io.run();
  return status;
}

}  // namespace

void add_site_command(CLI::App& app, int& exit_status) {
  auto arguments = std::make_shared<SiteArguments>();
  CLI::App* command = app.add_subcommand("site", "A reference strategy site: runs plans");
  command->footer(
      "Examples:\n"
      "  systask site --name A --strategies twap,follow\n"
      "  systask site --name B --connect 10.0.0.7:8787 --secrets b.secrets --trace b.trace\n"
      "  systask site drain A --reason 'maintenance'\n"
      "  systask site move 31 --to B --reason 'A is slow'");
  command->add_option("--name", arguments->name, "its name, as in the secrets file")->required();
  command->add_option("--strategies", arguments->strategies, "what it can run")
      ->delimiter(',')
      ->check(CLI::IsMember({"twap", "follow"}))
      ->capture_default_str();
  command->add_option("--environment", arguments->environment)->capture_default_str();
  command->add_option("--capacity", arguments->capacity, "plans at a time")
      ->check(whole<CLI::Validator>(1))
      ->capture_default_str();
  command->add_option("--connect", arguments->connect, "the platform, HOST:PORT")
      ->envname("SYSTASK_CONNECT")
      ->capture_default_str();
  command->add_option("--secrets", arguments->secrets, "lines `role name secret`, mode 0600")
      ->capture_default_str();
  command->add_option("--trace", arguments->trace, "a file that records what it did");
  command->add_option("--seed", arguments->seed, "of the jitter of its reconnects")
      ->capture_default_str();
  command->callback([arguments, &exit_status] {
    try {
      exit_status = run(*arguments);
    } catch (const std::exception& error) {
      log::error("the site stopped", {{"site", arguments->name}, {"reason", error.what()}});
      exit_status = 1;
    }
  });
}

}  // namespace systask::peers
