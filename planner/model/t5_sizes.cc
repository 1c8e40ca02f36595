#include "planner/model/t5_sizes.h"

#include <fmt/format.h>

namespace galvatron {

void check_t5_sizes(MapReader& reader, const T5Config& config, const T5Keys& keys) {
  const auto below_vocabulary = [&](const char* key, std::int64_t token) {
    if (token < config.vocabulary) return;
    reader.refuse(key, fmt::format("must be below {} ({}), got {}", keys.vocabulary,
                                   config.vocabulary, token));
  };
  below_vocabulary(keys.padding_token, config.padding_token);
  below_vocabulary(keys.start_token, config.start_token);
  if (config.position_distance <= config.position_buckets / 2) {
    reader.refuse(keys.position_distance,
                  fmt::format("must be above half of {} ({}), got {}", keys.position_buckets,
                              config.position_buckets, config.position_distance));
  }
}

}  // namespace galvatron
