#include "planner/model/hf_config_image.h"

#include <fmt/format.h>

namespace galvatron {

ImageSize read_image_size(HfConfigReader& reader, const char* key, std::int64_t fallback) {
  const Node* value = reader.map().value(key);
  if (value == nullptr || value->kind != Node::Kind::sequence) {
    const std::int64_t side = reader.value(key, fallback, kImageRange);
    return {side, side};
  }
  const auto sides = reader.map().optional_list<std::int64_t>(key, kImageRange);
  if (sides && sides->size() == 2) return {sides->front(), sides->back()};
  reader.map().refuse(key, "must be a number or [height, width]");
  return {fallback, fallback};
}

std::int64_t read_classes(HfConfigReader& reader) {
  const std::int64_t stated = reader.value<std::int64_t>("num_labels", 2, kVocabularyRange);
  const Node* labels = reader.map().value("id2label");
  const std::int64_t classes =
      labels == nullptr ? stated : static_cast<std::int64_t>(labels->entries.size());
  if (classes < 2) {
    reader.map().refuse("id2label", fmt::format("must name at least 2 classes, got {}: regression "
                                                "is not supported",
                                                classes));
  }
  return classes;
}

void check_patch_size(HfConfigReader& reader, const ImageSize& image, const ImageSize& patch) {
  if (patch.height <= image.height && patch.width <= image.width) return;
  reader.map().refuse("patch_size",
                      fmt::format("must be at most image_size ({} x {}), got {} x {}", image.height,
                                  image.width, patch.height, patch.width));
}

void check_problem_type(HfConfigReader& reader) {
  reader.require_value("problem_type", "single_label_classification");
}

}  // namespace galvatron
