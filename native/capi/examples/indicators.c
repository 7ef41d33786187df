/* RSI and MACD of two symbols in one call, then a live bar.
 *
 *     cc -o indicators -I dist native/capi/examples/indicators.c dist/libfinancelake.so -Wl,-rpath,dist
 */
#include <financelake.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 120, SYMBOLS = 2, OUTPUTS = 4 };

static void check(enum financelake_status status) {
  if (status != FINANCELAKE_STATUS_OK) {
    fprintf(stderr, "%s\n", financelake_last_error());
    exit(1);
  }
}

int main(void) {
  /* Two symbols, one after the other. */
  static double close[SYMBOLS * ROWS];
  for (int row = 0; row < SYMBOLS * ROWS; row++) {
    close[row] = 100.0 + 10.0 * sin(row * 0.2) + (row % 7) * 0.3;
  }
  const uint32_t starts[SYMBOLS] = {0, ROWS};

  struct financelake_program *program;
  check(financelake_program_open("{\"columns\": 1, \"calls\": ["
                                 "{\"function\": \"rsi\", \"inputs\": [0], \"params\": [14]},"
                                 "{\"function\": \"macd\", \"inputs\": [0]}]}",
                                 &program));
  struct financelake_executor *executor;
  check(financelake_executor_open(program, &executor));

  /* Without a bitmap, rows that have no result are NaN. */
  static double results[OUTPUTS][SYMBOLS * ROWS];
  struct financelake_input input = {.values = close, .validity = NULL};
  struct financelake_output outputs[OUTPUTS];
  for (int output = 0; output < OUTPUTS; output++) {
    outputs[output] = (struct financelake_output){.values = results[output], .validity = NULL};
  }
  check(financelake_executor_run(executor, SYMBOLS * ROWS, &input, 1, starts, SYMBOLS, outputs, OUTPUTS));
  for (int output = 0; output < OUTPUTS; output++) {
    struct financelake_field field;
    check(financelake_program_output(program, output, &field));
    printf("%-6s %10.4f %10.4f\n", field.name, results[output][ROWS - 1], results[output][SYMBOLS * ROWS - 1]);
  }

  /* The executor has the state of the second symbol: its next bar forms, and closes. */
  double forming = 108.0, closed = 107.5, row[OUTPUTS];
  check(financelake_executor_peek(executor, &forming, 1, row, OUTPUTS));
  printf("rsi of a bar at %.1f would be %.4f\n", forming, row[0]);
  check(financelake_executor_push(executor, &closed, 1, row, OUTPUTS));
  printf("rsi of the bar at %.1f is %.4f\n", closed, row[0]);

  financelake_executor_close(executor);
  financelake_program_close(program);
  return 0;
}
