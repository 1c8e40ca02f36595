// Rows that the families' tables share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cost_models/layer.h"

namespace galvatron {

template <typename Row>
void append(std::vector<Row>& rows, const std::vector<Row>& more) {
  rows.insert(rows.end(), more.begin(), more.end());
}

// Elements per token and unit of width that a norm moves: forward reads and writes once, backward
// reads input and gradient, writes one and reads the input again.
inline constexpr double kNormForward = 2;
inline constexpr double kNormBackward = 4;

inline constexpr Initialization kZeros{.kind = Initialization::Kind::zeros};
inline constexpr Initialization kOnes{.kind = Initialization::Kind::ones};

inline Initialization normal(double deviation) {
  return {.kind = Initialization::Kind::normal, .deviation = deviation};
}

// The vector of a norm or a bias after a row product: replicated, seen token by token.
inline Parameter token_local_vector(std::string name, std::int64_t size,
                                    const Initialization& initialization) {
  return {.name = std::move(name),
          .shape = {size},
          .initialization = initialization,
          .token_local = true};
}

// A [vocabulary, hidden] table, split over the vocabulary. `tied_table` is empty where the table
// has one use only.
inline Parameter vocabulary_table(std::string name, const std::vector<std::int64_t>& shape,
                                  double deviation, std::string tied_table) {
  return {.name = std::move(name),
          .shape = shape,
          .split_dimension = 0,
          .pads = true,
          .initialization = normal(deviation),
          .tied_table = std::move(tied_table)};
}

inline LayerTensor sequence_tensor(std::string name, std::int64_t elements_per_token) {
  return {.name = std::move(name),
          .elements_per_token = elements_per_token,
          .spread = Spread::sequence};
}

inline LayerTensor tensor_tensor(std::string name, std::int64_t elements_per_token) {
  return {
      .name = std::move(name), .elements_per_token = elements_per_token, .spread = Spread::tensor};
}

inline LayerTensor whole_tensor(std::string name, std::int64_t elements_per_token) {
  return {
      .name = std::move(name), .elements_per_token = elements_per_token, .spread = Spread::whole};
}

// With rows for so many tokens of each sample.
inline LayerTensor of_tokens(std::int64_t tokens_per_sample, LayerTensor tensor) {
  tensor.tokens_per_sample = tokens_per_sample;
  return tensor;
}

// Of one sample after another.
inline LayerTensor one_sample(LayerTensor tensor) {
  tensor.samples_at_once = 1;
  return tensor;
}

// Whole beside the shard, under sequence parallelism only.
inline LayerTensor gathered_tensor(std::string name, std::int64_t elements_per_token) {
  return {.name = std::move(name),
          .elements_per_token = elements_per_token,
          .spread = Spread::gathered};
}

inline LayerTensor stored_as(Element element, LayerTensor tensor) {
  tensor.element = element;
  return tensor;
}

}  // namespace galvatron
