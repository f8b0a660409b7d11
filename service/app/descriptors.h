// How many files and sockets the process may have open.
#pragma once

#include <cstddef>

namespace systask::service {

// Opens descriptors 0 to 2 onto /dev/null where a parent has closed them: the first file or socket
// that is opened would be standard error else, and the log would be written into it. To be called
// before anything is opened.
void keep_standard_descriptors();

// Raises the soft limit (RLIMIT_NOFILE) to `wanted`, or as far as the hard one allows, which is
// said in the log then. A limit that is higher already stays.
void raise_descriptor_limit(std::size_t wanted);

}  // namespace systask::service
