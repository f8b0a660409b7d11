#include "service/app/memory.h"

#include <malloc.h>
#include <mimalloc.h>

// Not there where the program is built without it: a sanitizer has an allocator of its own.
#pragma weak mi_collect
#pragma weak mi_option_get
#pragma weak mi_option_set

namespace systask::service {

MemoryGoesBack::MemoryGoesBack() {
  if (mi_option_set == nullptr) return;
  delay_ = mi_option_get(mi_option_decommit_delay);
  mi_option_set(mi_option_decommit_delay, 0);
}

MemoryGoesBack::~MemoryGoesBack() {
  if (mi_option_set == nullptr) {
    ::malloc_trim(0);
    return;
  }
  mi_collect(true);
  mi_option_set(mi_option_decommit_delay, delay_);
}

}  // namespace systask::service
