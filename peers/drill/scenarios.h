// What is done to the platform while messages flow. Each function returns when its last
// blow has been struck and mended; the rest of the flow goes on. One thread.
#pragma once

#include <string>
#include <vector>

namespace systask::peers::drill {

class Director;

// Kills of sites and of the service, each spread evenly over the messages, until the flow
// is over. Gives what could not be done.
std::vector<std::string> strike_evenly(Director& director);

// The only site is killed, plans are changed, the site comes back and takes its plans.
void edit_while_down(Director& director);
// Fills are held back while a site is down: once let go before its plans run again, and
// once after.
void hold_fills(Director& director);
// Every site, then the service, is ended and started again.
void restart_all(Director& director);

}  // namespace systask::peers::drill
