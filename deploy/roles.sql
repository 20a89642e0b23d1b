-- Two users who log in. `sitmap doctor --store URL --bring-up` made the roles they are members of.
-- psql -v … -f roles.sql, with READER_PASSWORD and PUBLISHER_PASSWORD in the environment (psql 15 or newer).
\getenv reader_password READER_PASSWORD
\getenv publisher_password PUBLISHER_PASSWORD
SELECT 'CREATE ROLE portal LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'portal') \gexec
SELECT 'CREATE ROLE ingester LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ingester') \gexec
ALTER ROLE portal PASSWORD :'reader_password';
ALTER ROLE ingester PASSWORD :'publisher_password';
GRANT sitmap_reader TO portal;
GRANT sitmap_publisher TO ingester;
