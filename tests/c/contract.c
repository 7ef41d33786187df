/* What docs/c.md promises, from the side of C: who owns what, who releases it, and how often.
 *
 * Prints "ok" when all holds. Run under a memory checker it also shows that nothing leaks and nothing is freed twice.
 */
#include <financelake.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                    \
  do {                                                                                      \
    if (!(condition)) {                                                                     \
      fprintf(stderr, "%s:%d: %s does not hold; last error: %s\n", __FILE__, __LINE__,      \
              #condition, financelake_last_error());                                        \
      exit(1);                                                                              \
    }                                                                                       \
  } while (0)
#define OK(call) CHECK((call) == FINANCELAKE_STATUS_OK)
#define REFUSED(call, status, text)                                                         \
  do {                                                                                      \
    CHECK((call) == (status));                                                              \
    CHECK(strstr(financelake_last_error(), text) != NULL);                                  \
  } while (0)
#define INVALID FINANCELAKE_STATUS_INVALID_ARGUMENT

static const char *const SMA3 = "{\"columns\":1,\"calls\":[{\"function\":\"sma\",\"inputs\":[0],\"params\":[3]}]}";

static struct financelake_executor *executor_of(const char *request) {
  struct financelake_program *program;
  struct financelake_executor *executor;
  OK(financelake_program_open(request, &program));
  OK(financelake_executor_open(program, &executor));
  /* The executor keeps what it needs. */
  financelake_program_close(program);
  return executor;
}

static void programs(void) {
  struct financelake_program *program = NULL;
  struct financelake_field field;
  REFUSED(financelake_program_open(NULL, &program), INVALID, "the request is a null pointer");
  REFUSED(financelake_program_open("\xff", &program), INVALID, "not UTF-8");
  REFUSED(financelake_program_open("{}", &program), INVALID, "docs/ffi.md");
  REFUSED(financelake_program_open(SMA3, NULL), INVALID, "null pointer");
  REFUSED(financelake_program_open("{\"columns\":1,\"calls\":[{\"function\":\"rsj\",\"inputs\":[0]}]}", &program),
          FINANCELAKE_STATUS_UNSUPPORTED, "did you mean rsi");
  REFUSED(financelake_program_open("{\"columns\":1,\"calls\":[{\"function\":\"sma\",\"inputs\":[0],\"params\":[0]}]}",
                                   &program),
          INVALID, "timeperiod = 0 is out of range; write");
  CHECK(program == NULL);

  OK(financelake_program_open("{\"columns\":2,\"calls\":[{\"function\":\"macd\",\"inputs\":[1]},"
                              "{\"function\":\"maxindex\",\"inputs\":[0]}]}",
                              &program));
  CHECK(financelake_program_columns(program) == 2);
  CHECK(financelake_program_outputs(program) == 4);
  OK(financelake_program_output(program, 2, &field));
  CHECK(strcmp(field.name, "hist") == 0 && field.call == 0 && field.kind == FINANCELAKE_KIND_REAL);
  OK(financelake_program_output(program, 3, &field));
  CHECK(field.call == 1 && field.kind == FINANCELAKE_KIND_INTEGER);
  REFUSED(financelake_program_output(program, 4, &field), INVALID, "the program has 4");
  CHECK(strstr(financelake_program_description(program), "macd") != NULL);
  CHECK(financelake_program_memory(program) > 0);
  financelake_program_close(program);

  /* Null is refused or nothing, never followed. */
  financelake_program_close(NULL);
  financelake_executor_close(NULL);
  financelake_state_free(NULL, 0);
  CHECK(financelake_program_columns(NULL) == 0 && financelake_program_outputs(NULL) == 0);
  CHECK(financelake_program_memory(NULL) == 0 && financelake_program_description(NULL) == NULL);
  struct financelake_executor *executor;
  REFUSED(financelake_executor_open(NULL, &executor), INVALID, "the program is a null pointer");
  REFUSED(financelake_executor_reset(NULL), INVALID, "the executor is a null pointer");
}

static void batches(void) {
  struct financelake_executor *executor = executor_of(SMA3);
  double values[] = {1, 2, 3, NAN, 7, 10, 20, 30}, results[8];
  uint8_t validity = 0xff;
  const uint32_t starts[] = {0, 5};
  struct financelake_input input = {values, NULL};
  struct financelake_output output = {results, &validity};
  OK(financelake_executor_run(executor, 8, &input, 1, starts, 2, &output, 1));
  CHECK(results[2] == 2 && results[4] == 4 && results[7] == 20 && results[3] == 0);
  CHECK(validity == 0x94);
  output.validity = NULL;
  OK(financelake_executor_run(executor, 8, &input, 1, starts, 2, &output, 1));
  CHECK(isnan(results[0]) && isnan(results[3]) && results[4] == 4);

  /* Not among the starts, row 0 goes on with the group before. */
  double next = 40, result;
  input.values = &next;
  output.values = &result;
  OK(financelake_executor_run(executor, 1, &input, 1, NULL, 0, &output, 1));
  CHECK(result == 30);

  input.values = values;
  output.values = results;
  REFUSED(financelake_executor_run(executor, 8, &input, 2, NULL, 0, &output, 1), INVALID, "2 inputs given");
  REFUSED(financelake_executor_run(executor, 8, &input, 1, NULL, 0, &output, 0), INVALID, "0 outputs given");
  REFUSED(financelake_executor_run(executor, 8, NULL, 1, NULL, 0, &output, 1), INVALID, "null pointer");
  REFUSED(financelake_executor_run(executor, 8, &input, 1, NULL, 2, &output, 1), INVALID, "starts is a null");
  REFUSED(financelake_executor_run(executor, 5, &input, 1, starts, 2, &output, 1), INVALID, "outside the 5 rows");
  REFUSED(financelake_executor_run(executor, SIZE_MAX, &input, 1, NULL, 0, &output, 1), INVALID, "at most");
  output.values = values;
  REFUSED(financelake_executor_run(executor, 8, &input, 1, NULL, 0, &output, 1), INVALID, "overlaps");
  output.values = (char *)results + 1;
  REFUSED(financelake_executor_run(executor, 7, &input, 1, NULL, 0, &output, 1), INVALID, "not aligned");
  output.values = NULL;
  REFUSED(financelake_executor_run(executor, 8, &input, 1, NULL, 0, &output, 1), INVALID, "null address");
  OK(financelake_executor_run(executor, 0, &input, 1, NULL, 0, &output, 1));
  financelake_executor_close(executor);
}

static void rows_and_states(void) {
  struct financelake_executor *executor = executor_of(SMA3), *other = executor_of(SMA3);
  double result;
  for (double row = 1; row <= 5; row++) {
    OK(financelake_executor_push(executor, &row, 1, &result, 1));
  }
  CHECK(result == 4);
  double forming = 9;
  OK(financelake_executor_peek(executor, &forming, 1, &result, 1));
  CHECK(result == 6);
  forming = 6;
  uint8_t *state;
  size_t length;
  OK(financelake_executor_save(executor, &state, &length));
  OK(financelake_executor_push(executor, &forming, 1, &result, 1));
  CHECK(result == 5);

  OK(financelake_executor_restore(other, state, length));
  OK(financelake_executor_push(other, &forming, 1, &result, 1));
  CHECK(result == 5);
  REFUSED(financelake_executor_restore(other, state, length - 1), FINANCELAKE_STATUS_INCOMPATIBLE_STATE, "state refused");
  struct financelake_executor *wma =
      executor_of("{\"columns\":1,\"calls\":[{\"function\":\"wma\",\"inputs\":[0],\"params\":[3]}]}");
  REFUSED(financelake_executor_restore(wma, state, length), FINANCELAKE_STATUS_INCOMPATIBLE_STATE, "saved by sma");
  REFUSED(financelake_executor_restore(wma, NULL, 8), INVALID, "the state is a null pointer");
  financelake_state_free(state, length);
  financelake_executor_close(wma);

  double nothing = NAN;
  OK(financelake_executor_push(other, &nothing, 1, &result, 1));
  CHECK(isnan(result));
  OK(financelake_executor_reset(other));
  OK(financelake_executor_push(other, &forming, 1, &result, 1));
  CHECK(isnan(result));
  REFUSED(financelake_executor_push(other, &forming, 2, &result, 1), INVALID, "2 columns given");
  REFUSED(financelake_executor_push(other, &forming, 1, &result, 3), INVALID, "room for 3 results");
  REFUSED(financelake_executor_push(other, NULL, 1, &result, 1), INVALID, "the row is a null pointer");
  financelake_executor_close(executor);
  financelake_executor_close(other);
}

/* Arrow: arrays of our own, which count how often they are released. */
static int arrays_released, schemas_released;

static void release_array(struct ArrowArray *array) {
  arrays_released++;
  free((void *)array->buffers[1]);
  free(array->buffers);
  array->release = NULL;
}

static void release_schema(struct ArrowSchema *schema) {
  schemas_released++;
  schema->release = NULL;
}

static void export(struct ArrowArray *array, struct ArrowSchema *schema, const char *format, int64_t rows) {
  double *values = malloc((rows + 2) * sizeof *values);
  for (int64_t row = 0; row < rows + 2; row++) {
    values[row] = (double)row;
  }
  const void **buffers = malloc(2 * sizeof *buffers);
  buffers[0] = NULL;
  buffers[1] = values;
  *array = (struct ArrowArray){.length = rows, .offset = 2, .n_buffers = 2, .buffers = buffers, .release = release_array};
  *schema = (struct ArrowSchema){.format = format, .name = "", .flags = ARROW_FLAG_NULLABLE, .release = release_schema};
}

static void arrow(void) {
  struct financelake_executor *executor = executor_of(
      "{\"columns\":2,\"calls\":[{\"function\":\"add\",\"inputs\":[0,1]},{\"function\":\"maxindex\",\"inputs\":[0],"
      "\"params\":[2]}]}");
  struct ArrowArray in[2], out[2];
  struct ArrowSchema types[2], out_types[2];
  struct ArrowArray *arrays[] = {&in[0], &in[1]};
  struct ArrowSchema *schemas[] = {&types[0], &types[1]};
  const uint32_t starts[] = {0};
#define EXPORT(format, rows)                 \
  export(&in[0], &types[0], "g", 4);         \
  export(&in[1], &types[1], format, rows);   \
  arrays_released = schemas_released = 0
#define TAKEN                                                                              \
  CHECK(in[0].release == NULL && in[1].release == NULL && types[0].release == NULL &&      \
        types[1].release == NULL && arrays_released == 2 && schemas_released == 2)
#define RUN(inputs, outputs) \
  financelake_executor_run_arrow(executor, arrays, schemas, inputs, starts, 1, out, out_types, outputs)

  EXPORT("g", 4);
  OK(RUN(2, 2));
  TAKEN;
  const double *sums = out[0].buffers[1];
  const int32_t *places = out[1].buffers[1];
  CHECK(strcmp(out_types[0].format, "g") == 0 && strcmp(out_types[1].format, "i") == 0);
  CHECK(out[0].length == 4 && sums[0] == 4 && sums[3] == 10 && out[0].null_count == 0);
  CHECK(out[1].null_count == 1 && places[3] == 3);
  for (int output = 0; output < 2; output++) {
    out[output].release(&out[output]);
    out_types[output].release(&out_types[output]);
    CHECK(out[output].release == NULL && out_types[output].release == NULL);
  }

  /* Whatever is refused, the inputs were taken. */
  EXPORT("f", 4);
  REFUSED(RUN(2, 2), INVALID, "cast it to float64");
  TAKEN;
  EXPORT("g", 3);
  REFUSED(RUN(2, 2), INVALID, "input 1 has 3 rows, input 0 has 4");
  TAKEN;
  EXPORT("g", 4);
  REFUSED(RUN(2, 1), INVALID, "1 outputs given, the program has 2");
  TAKEN;
  EXPORT("g", 4);
  REFUSED(financelake_executor_run_arrow(NULL, arrays, schemas, 2, starts, 1, out, out_types, 2), INVALID, "null");
  TAKEN;
  EXPORT("g", 4);
  OK(RUN(2, 2));
  REFUSED(RUN(2, 2), INVALID, "was released before");
  for (int output = 0; output < 2; output++) {
    out[output].release(&out[output]);
    out_types[output].release(&out_types[output]);
  }
  EXPORT("g", 4);
  arrays[1] = NULL;
  REFUSED(RUN(2, 2), INVALID, "input 1 is a null pointer");
  CHECK(arrays_released == 1 && schemas_released == 2);
  in[1].release(&in[1]);
  financelake_executor_close(executor);
}

int main(void) {
  CHECK(financelake_abi() == FINANCELAKE_ABI);
  CHECK(strchr(financelake_version(), '.') != NULL);
  CHECK(strstr(financelake_functions(), "\"supertrend\"") != NULL);
  CHECK(strcmp(financelake_last_error(), "") == 0);
  programs();
  batches();
  rows_and_states();
  arrow();
  puts("ok");
  return 0;
}
