// What T5's sizes must keep to, in every file that states them.
#pragma once

#include "planner/files/reader.h"
#include "planner/model/model.h"

namespace galvatron {

// Under which names a file gives these sizes.
struct T5Keys {
  const char* vocabulary = nullptr;
  const char* padding_token = nullptr;
  const char* start_token = nullptr;
  const char* position_buckets = nullptr;
  const char* position_distance = nullptr;
};

// Refuses sizes that do not fit together. Call it only if the values by themselves had no errors.
void check_t5_sizes(MapReader& reader, const T5Config& config, const T5Keys& keys);

}  // namespace galvatron
