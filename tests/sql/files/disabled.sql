-- One setting turns everything off.
--@ static spark.financelake.enabled=false

SELECT ta_sma(1.0D, 2) OVER (ORDER BY 1);
--! AnalysisException
--! UNRESOLVED_ROUTINE

SELECT financelake_version();
--! UNRESOLVED_ROUTINE

SELECT * FROM financelake_functions();
--! AnalysisException

SHOW FUNCTIONS LIKE 'ta_*';
--> function

SELECT 1 AS one;
--> one
--> 1
