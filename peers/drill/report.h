// What a drill came to, for people and for machines. Values; pure but for the printing.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "peers/drill/judge.h"
#include "peers/drill/recoveries.h"
#include "peers/drill/runs.h"
#include "peers/drill/stage.h"

namespace systask::peers::drill {

struct Outcome {
  Verdict verdict;
  FlowProgress flow;
  std::map<std::string, std::int64_t> intake;  // the platform's counts, since its last start
  std::vector<Kill> kills;
  std::vector<Phases> phases;  // of each kill
  std::vector<Recovery> recoveries;
  RunAccount runs;            // of the scheduled tasks
  std::int64_t replayed = 0;  // cached messages, by the rows of recoveries
  std::vector<std::string> notes;
  double seconds = 0;
};

[[nodiscard]] std::string text_of(const Outcome& outcome);
[[nodiscard]] boost::json::object json_of(const Outcome& outcome);

}  // namespace systask::peers::drill
