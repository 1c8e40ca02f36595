#include "planner/import/galvatron_model_keys.h"

#include <algorithm>

#include "planner/files/quantity.h"

namespace galvatron {
namespace {

// The number behind `word` at the front of the text, which is cut off with it.
std::optional<std::int64_t> take_number(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return std::nullopt;
  const std::string_view rest = text.substr(word.size());
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const std::optional<std::int64_t> number = parse_integer(rest.substr(0, digits));
  if (number) text = rest.substr(digits);
  return number;
}

}  // namespace

std::optional<GalvatronLayerKey> galvatron_layer_key(std::string_view key) {
  GalvatronLayerKey found;
  const auto type = take_number(key, "layertype_");
  if (!type) return std::nullopt;
  found.type = *type;
  found.samples = take_number(key, "_bsz").value_or(1);
  found.sequence = take_number(key, "_seq");
  if (found.samples < 1 || !(key.empty() || key == "_sp")) return std::nullopt;
  return found;
}

std::string_view left_out_because(std::string_view key) {
  if (key.starts_with("layernum["))
    return "times of whole steps, which those of layers are made of";
  if (key.starts_with("layertype_other")) {
    return "embedding and head as one, which are priced by the kernel laws";
  }
  if (key.starts_with("other_memory_pp_")) {
    return "memory beside the layers, which plans count tensor by tensor";
  }
  if (key == "model_config") return "the model, which --model gives";
  if (!key.empty() && key.front() >= '0' && key.front() <= '9') {
    return "memory of whole steps, which that of layers is made of";
  }
  return "";
}

}  // namespace galvatron
