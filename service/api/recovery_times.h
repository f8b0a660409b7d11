// How long recoveries took, phase by phase, over a day.
#pragma once

#include <boost/json/fwd.hpp>

namespace systask::service {

// Of rows as Tables::recoveries() gives them: how many were recovered, failed and are under
// way, and of each phase of the recovered ones count, p50_us, p90_us, p99_us and max_us
// (microseconds; nearest rank). The phase "all" is from when the site was last there.
[[nodiscard]] boost::json::object recovery_times(const boost::json::array& recoveries);

}  // namespace systask::service
