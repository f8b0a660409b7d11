// Whatever body comes on whatever topic, the unpacker refuses it with a reason, or gives a
// message that its table of functions allows and that unpacks again to the same. The first
// byte of the input chooses the topic.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "trading/decimal.h"
#include "trading/unpack.h"

namespace {

using namespace systask;
using namespace systask::trading;

std::string_view topic_of(std::uint8_t byte) {
  const auto all = functions();
  if (byte == 0) return "";  // any: as what was parked is unpacked again
  const Function& function = all[byte % all.size()];
  return byte >= 128 && !function.topic_in2.empty() ? function.topic_in2 : function.topic_in;
}

void check_message(std::string_view topic, const Message& message) {
  CHECK(message.function == find_function(message.function->number), "a function of no table");
  CHECK(
      topic.empty() || topic == message.function->topic_in || topic == message.function->topic_in2,
      "a topic that does not carry it");
  CHECK(!message.message_id.empty() && message.date.value() > 0, "a required field is absent");
  CHECK(parse_ticks(format_ticks(message.price.value())) == message.price.value(),
        "a price that is not what it is written as");
  const auto again = unpack(topic, message.body);
  CHECK(again && again->message_id == message.message_id && again->number == message.number &&
            again->price == message.price && again->quantity == message.quantity,
        "it unpacks to something else the second time");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view topic = topic_of(data[0]);
  const std::string body{data + 1, data + size};
  const auto message = unpack(topic, body);
  if (message) {
    check_message(topic, *message);
    boost::system::error_code error;
    CHECK(boost::json::parse(body, error).is_object() && !error, "it is pushed on as no object");
  } else {
    CHECK(message.error().code == "BAD_BODY" && !message.error().message.empty(),
          "a refusal without its reason");
  }
  return 0;
}
