#include "executor/kernels/rotate_heads.h"

#include "executor/layers/rotary.h"
#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {

TEST_CASE("heads turn on a GPU as on the CPU") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const Start start = GENERATE(Start::aligned, Start::odd);
  const std::int64_t head_size = GENERATE(2, 6, 64, 128);
  const std::int64_t heads = GENERATE(1, 5);
  CAPTURE(type, start, head_size, heads);
  const Rotary rotary{.head_size = head_size,
                      .sequence_length = 50,
                      .scaling = RopeScaling{.original_positions = 16}};
  const at::Tensor rows =
      normals({.shape = {100, heads * head_size}, .type = type, .start = start});
  CHECK(distance(rotate(rotary, rows), rotate(rotary, exact(rows))) < tolerance(type));
}

TEST_CASE("turning heads back undoes their turn") {
  const std::vector<float> frequencies{1.0F, 0.3F, 0.01F};
  HeadRotation rotation{.frequencies = frequencies, .sequence_length = 4000};
  const at::Tensor rows = normals({.shape = {4000, 12}});
  const at::Tensor turned = rotate_heads(rotation, rows);
  rotation.turn = HeadRotation::Turn::back;
  CHECK(distance(rotate_heads(rotation, turned), rows) < 1e-6);
}

}  // namespace galvatron
