// The keys of Hetu-Galvatron's model profiles.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace galvatron {

// layertype_0_bsz8_seq2048: the first type of layer, in batches of 8 samples of 2048 tokens.
struct GalvatronLayerKey {
  std::int64_t type = 0;
  std::int64_t samples = 1;
  std::optional<std::int64_t> sequence{};  // absent: whatever was profiled

  bool operator==(const GalvatronLayerKey&) const = default;
};

// None for any other key. The ending _sp, of memory under sequence parallelism, changes nothing.
std::optional<GalvatronLayerKey> galvatron_layer_key(std::string_view key);

// Why there is no place for what stands under a known key; empty for layers and for unknown keys.
std::string_view left_out_because(std::string_view key);

inline bool tells_of_a_model(std::string_view key) {
  return galvatron_layer_key(key) || !left_out_because(key).empty();
}

}  // namespace galvatron
