// A plan's line: writing the plan with its epoch as a fence, and letting the events of
// its numbers leave, to the plan's site and to the message centre.
#pragma once

#include <string>
#include <string_view>

#include "trading/plan.h"
#include "trading/turn.h"

namespace systask::trading {

struct Stores;

inline constexpr std::string_view kSkipTopic = "asset.algo.skip";

// Writes the plan where the database still has it in the epoch `fenced_by`. Anything else
// is another writer's doing, and throws: the command is undone.
void write_plan(const Stores& stores, Turn& turn, const Plan& plan, Epoch fenced_by);

// The event of one number leaves when the batch is committed.
void emit(Turn& turn, const Plan& plan, LineNumber number, std::string_view topic,
          std::string body);

// The number yields no event: the site is told, so that its line has no holes.
void emit_skip(Turn& turn, const Plan& plan, LineNumber number, std::string_view reason);

// A push to the plan's site outside its line.
void notify(Turn& turn, const Plan& plan, std::string_view topic, std::string body);

}  // namespace systask::trading
