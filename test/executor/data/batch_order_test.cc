#include "executor/data/batch_order.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

// Rows of one token and its target.
Dataset letters(const TemporaryFolder& folder, std::int64_t rows) {
  std::string text;
  for (std::int64_t i = 0; i <= rows; ++i) text += static_cast<char>('a' + i);
  return open_dataset({DataFormat::text, folder.write("f", text)}, {1, 256});
}

std::vector<std::int64_t> rows_of_step(const Dataset& data, const BatchOrder& order,
                                       std::int64_t step) {
  std::vector<std::int64_t> rows;
  for (std::int64_t sample = 0; sample < order.global_batch; ++sample) {
    rows.push_back(row_of_sample(data, order, step, sample));
  }
  return rows;
}

}  // namespace

TEST_CASE("an offset goes on where batches of another size ended") {
  const TemporaryFolder folder;
  const Dataset data = letters(folder, 5);
  // Two batches of three had rows 0 to 5; from step 2 on there are four rows to a batch.
  const BatchOrder order{.global_batch = 4, .shuffle_seed = {}, .offset = 6 - 2 * 4};
  CHECK(rows_of_step(data, order, 2) == std::vector<std::int64_t>{1, 2, 3, 4});
  CHECK(rows_of_step(data, order, 3) == std::vector<std::int64_t>{0, 1, 2, 3});
}

TEST_CASE("batches follow the file and wrap around") {
  const TemporaryFolder folder;
  const Dataset data = letters(folder, 5);
  const BatchOrder order{.global_batch = 3, .shuffle_seed = {}};
  CHECK(rows_of_step(data, order, 0) == std::vector<std::int64_t>{0, 1, 2});
  CHECK(rows_of_step(data, order, 1) == std::vector<std::int64_t>{3, 4, 0});
  CHECK(rows_of_step(data, order, 2) == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("a batch may be larger than the data") {
  const TemporaryFolder folder;
  const Dataset data = letters(folder, 2);
  const BatchOrder order{.global_batch = 5, .shuffle_seed = {}};
  CHECK(rows_of_step(data, order, 1) == std::vector<std::int64_t>{1, 0, 1, 0, 1});
}

TEST_CASE("every epoch of a shuffle has each row once, in an order of its own") {
  const TemporaryFolder folder;
  const Dataset data = letters(folder, 20);
  const BatchOrder order{.global_batch = 20, .shuffle_seed = 7};
  std::set<std::vector<std::int64_t>> orders;
  for (std::int64_t epoch = 0; epoch < 10; ++epoch) {
    std::vector<std::int64_t> rows = rows_of_step(data, order, epoch);
    CHECK(orders.insert(rows).second);
    std::sort(rows.begin(), rows.end());
    for (std::int64_t row = 0; row < 20; ++row) CHECK(rows[static_cast<std::size_t>(row)] == row);
  }
}

TEST_CASE("a shuffle depends on the seed and not on the batch") {
  const TemporaryFolder folder;
  const Dataset data = letters(folder, 20);
  const auto first_rows = [&](std::int64_t batch, std::uint64_t seed) {
    const BatchOrder order{.global_batch = batch, .shuffle_seed = seed};
    std::vector<std::int64_t> rows;
    for (std::int64_t step = 0; step < 20 / batch; ++step) {
      const auto more = rows_of_step(data, order, step);
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  };
  CHECK(first_rows(4, 1) == first_rows(10, 1));
  CHECK(first_rows(4, 1) != first_rows(4, 2));
}

TEST_CASE("targets are counted over the whole batch without the ignored ones") {
  const Dataset data = open_dataset(
      {DataFormat::safetensors, GALVATRON_GOLDENS "/gpt2_regular/data.safetensors"}, {16, 128});
  CHECK(data.rows == 20);
  const BatchOrder order{.global_batch = 8, .shuffle_seed = {}};
  // (labels[rows, 1:] != -100).sum() in Python, for steps 0, 1 and the wrapping 2.
  CHECK(count_targets(data, order, 0).targets == 88);
  CHECK(count_targets(data, order, 1).targets == 102);
  CHECK(count_targets(data, order, 2).targets == 91);
}

TEST_CASE("counting refuses a bad token anywhere in the batch") {
  const TemporaryFolder folder;
  const std::string path = folder.write("f", "abcz");
  const Dataset data = open_dataset({DataFormat::text, path}, {1, 'h'});
  CHECK(count_targets(data, {.global_batch = 2, .shuffle_seed = {}}, 0).targets == 2);
  CHECK(error_text([&] { count_targets(data, {.global_batch = 3, .shuffle_seed = {}}, 0); }) ==
        path + ": token id 122 at position 1 of row 2 is outside the vocabulary of 104");
}

}  // namespace galvatron
