// What stands behind a function that this library puts itself in front of.
#pragma once

#include <dlfcn.h>

#include <cstdlib>

namespace systask::faults {

// The next definition of that name; the type is that of `self`, the one in front.
template <class Function>
Function* real(const char* name, Function* /*self*/) {
  void* const found = ::dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();
  return reinterpret_cast<Function*>(found);
}

}  // namespace systask::faults
