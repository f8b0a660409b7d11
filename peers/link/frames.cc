#include "peers/link/frames.h"

#include <boost/json.hpp>

#include "peers/link/link.h"

namespace systask::peers {
namespace {

std::string text_of(const boost::json::value& object, std::string_view key) {
  const auto* value = object.is_object() ? object.get_object().if_contains(key) : nullptr;
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

}  // namespace

std::string request_frame(std::int64_t id, const Question& question,
                          const boost::json::object* body) {
  std::string text = "{\"id\":" + std::to_string(id) + ",\"name\":\"";
  text += question.name;
  text += '"';
  if (question.plan != 0) text += ",\"plan\":" + std::to_string(question.plan);
  if (question.epoch != 0) text += ",\"epoch\":" + std::to_string(question.epoch);
  if (body != nullptr) text += ",\"body\":" + boost::json::serialize(*body);
  text += '}';
  return text;
}

std::string ack_frame(std::int64_t plan, std::int64_t epoch, std::int64_t through) {
  return "{\"ack\":{\"plan\":" + std::to_string(plan) + ",\"epoch\":" + std::to_string(epoch) +
         ",\"through\":" + std::to_string(through) + "}}";
}

std::string ack_out_frame(std::int64_t through) {
  return "{\"ack\":{\"out\":" + std::to_string(through) + "}}";
}

std::string publication_tail(std::string_view topic, std::string_view body) {
  std::string tail = ",\"topic\":";
  tail += boost::json::serialize(boost::json::string_view{topic.data(), topic.size()});
  tail += ",\"body\":";
  tail += body;
  tail += '}';
  return tail;
}

std::string publication_frame(std::int64_t number, std::string_view tail) {
  std::string text = "{\"pub\":" + std::to_string(number);
  text += tail;
  return text;
}

Refusal refusal_of(const boost::json::value& error) {
  return {text_of(error, "code"), text_of(error, "message")};
}

}  // namespace systask::peers
