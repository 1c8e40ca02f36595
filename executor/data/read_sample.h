// One row of a file as a sample, every number in it checked.
#pragma once

#include "executor/data/dataset.h"
#include "executor/data/masked_bytes.h"

namespace galvatron {

struct RowOf {
  const std::string& path;
  const RowLimits& limits;
  std::int64_t row = 0;
};

// Throw SpecError as read_row does.
Sample read_sample(const RowOf& what, const TokenSequence& sequence);
Sample read_sample(const RowOf& what, const LabelledRows& data);
Sample read_sample(const RowOf& what, const LabelledImages& data);

}  // namespace galvatron
