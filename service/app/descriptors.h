// How many files and sockets the process may have open.
#pragma once

#include <cstddef>

namespace systask::service {

// Raises the soft limit (RLIMIT_NOFILE) to `wanted`, or as far as the hard one allows, which is
// said in the log then. A limit that is higher already stays.
void raise_descriptor_limit(std::size_t wanted);

}  // namespace systask::service
