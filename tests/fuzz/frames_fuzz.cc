// Whatever text comes in a frame, its outline is read or refused; what is read lies within the
// frame; and every frame that answers it, quoting what came, is UTF-8 and one JSON object.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "service/gateway/envelope.h"
#include "service/gateway/frames.h"

namespace {

using namespace systask;
using namespace systask::service;

bool lies_within(std::string_view part, std::string_view frame) {
  return part.empty() ||
         (part.data() >= frame.data() && part.data() + part.size() <= frame.data() + frame.size());
}

// A WebSocket's text that is no UTF-8 never reaches the session.
bool is_utf8(const std::string& text) {
  boost::system::error_code error;
  boost::json::parse("[\"" + text + "\"]", error);
  if (!error) return true;
  std::string plain = text;
  for (char& c : plain)
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) c = ' ';
  error = {};
  boost::json::parse("[\"" + plain + "\"]", error);
  return !error;
}

void check_frame(const net::Frame& frame) {
  boost::system::error_code error;
  const auto value = boost::json::parse(*frame, error);
  CHECK(!error && value.is_object(), "an answer that is no JSON object");
}

void check_answers(const Envelope& envelope) {
  check_frame(ok_frame(envelope.id.empty() ? "0" : envelope.id, "{}"));
  check_frame(error_frame(envelope.id, {"UNKNOWN_FUNCTION", "there is no function '" +
                                                                std::string{envelope.name} + "'"}));
  check_frame(publication_error_frame(envelope.pub.value_or(0),
                                      {"EMPTY_BODY", std::string{envelope.topic}}, -1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  if (!is_utf8(text)) {
    static_cast<void>(read_envelope(text));
    return 0;
  }
  const auto envelope = read_envelope(text);
  if (!envelope) {
    CHECK(envelope.error().code == "BAD_JSON" || envelope.error().code == "BAD_REQUEST",
          "a refusal of another kind");
    check_frame(error_frame({}, envelope.error()));
    return 0;
  }
  for (const auto part :
       {envelope->id, envelope->name, envelope->topic, envelope->body, envelope->ack})
    CHECK(lies_within(part, text), "a view of something else");
  check_answers(*envelope);
  // A frame that is JSON throughout is read as JSON reads it.
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (!error) CHECK(value.is_object(), "no object, and not refused");
  if (!envelope->ack.empty()) static_cast<void>(read_envelope(envelope->ack));
  return 0;
}
