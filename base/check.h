// CHECK(condition, why) states what can only be false because of a bug. It is on in
// every build: the process dies, and recovery, which is what this product does, starts.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition, why)                                                                     \
  do {                                                                                            \
    if (!(condition)) [[unlikely]] {                                                              \
      std::fprintf(stderr, "%s:%d: CHECK(%s) failed: %s\n", __FILE__, __LINE__, #condition, why); \
      std::abort();                                                                               \
    }                                                                                             \
  } while (false)
