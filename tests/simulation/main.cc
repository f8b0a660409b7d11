// simulate: runs simulations, one a seed, and tells the story of the first that fails.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/log.h"
#include "tests/simulation/world.h"

namespace {

using systask::simulation::Verdict;
using systask::simulation::World;

struct Request {
  std::uint64_t seed = 0;
  std::uint64_t first = 1;
  std::uint64_t count = 0;
  std::string list;
  std::size_t lines = 60;
  bool story = false;
  bool go_on = false;
};

std::vector<std::uint64_t> seeds_of(const Request& request) {
  std::vector<std::uint64_t> seeds;
  if (request.seed != 0) seeds.push_back(request.seed);
  for (std::uint64_t i = 0; i < request.count; ++i)
    seeds.push_back(request.first + i);
  std::ifstream list{request.list};
  for (std::string line; std::getline(list, line);)
    if (!line.empty() && line.front() != '#') seeds.push_back(std::stoull(line));
  return seeds;
}

void tell(const Verdict& verdict) {
  for (const std::string& line : verdict.story)
    fmt::print("{}\n", line);
}

int simulate(const Request& request, const char* self) {
  const auto seeds = seeds_of(request);
  if (seeds.empty()) {
    fmt::print(stderr, "no seeds: give --seed N, --seeds COUNT or --list FILE\n");
    return 2;
  }
  Verdict all;
  int failed = 0;
  for (const std::uint64_t seed : seeds) {
    const Verdict verdict = World{seed, request.story ? request.lines : 0}.run();
    all.steps += verdict.steps;
    all.crashes += verdict.crashes;
    all.takeovers += verdict.takeovers;
    all.reports += verdict.reports;
    if (request.story) tell(verdict);
    if (verdict.breach.empty()) continue;
    ++failed;
    if (request.go_on) {
      fmt::print("seed {} breaks {}\n", seed, verdict.breach);
      continue;
    }
    // The same seed is the same run: this time with its story.
    if (!request.story) tell(World{seed, request.lines}.run());
    fmt::print("seed {} breaks {}\nrun it again:  {} --seed {} --story --lines 1000000\n", seed,
               verdict.breach, self, seed);
    return 1;
  }
  fmt::print("{} seeds, {} steps, {} reports, {} deaths of the service, {} takeovers: {}\n",
             seeds.size(), all.steps, all.reports, all.crashes, all.takeovers,
             failed == 0 ? std::string{"every rule held"} : fmt::format("{} seeds fail", failed));
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Request request;
  CLI::App app{"Simulates sites, order system and network around the platform"};
  app.add_option("--seed", request.seed, "run this one");
  app.add_option("--first", request.first, "the first of --seeds");
  app.add_option("--seeds", request.count, "run so many");
  app.add_option("--list", request.list, "a file of seeds, one a line");
  app.add_option("--lines", request.lines, "of the story of a failing seed");
  app.add_flag("--story", request.story, "tell the story of every seed");
  app.add_flag("--go-on", request.go_on, "do not end at the first that fails");
  CLI11_PARSE(app, argc, argv);
  systask::log::set_level(static_cast<systask::log::Level>(4));  // the story says it better
  return simulate(request, argv[0]);
}
