#include "peers/drill/rows.h"

#include <boost/json.hpp>

namespace systask::peers::drill {

const boost::json::array& rows_of(const boost::json::value& answer) {
  static const boost::json::array kNone;
  if (answer.is_array()) return answer.get_array();
  if (answer.is_object())
    for (const auto& member : answer.get_object())
      if (member.value().is_array()) return member.value().get_array();
  return kNone;
}

}  // namespace systask::peers::drill
